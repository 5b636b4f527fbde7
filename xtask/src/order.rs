//! Puts functions that look alike side by side in the phone's module, because gzip sees only the last 32 KiB and a module holds
//! many near copies (decoders, pages, one generic function for several types) far apart. It changes places and numbers, nothing else.
//! Apart because it knows WebAssembly and nothing of this project.

use anyhow::{Context, Result, anyhow};
use std::collections::BTreeMap;
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

/// Bytes of a sample: about two instructions with their operands.
const SAMPLE: usize = 6;
/// Samples that stand for a function: those with the smallest hashes, so that near copies keep nearly the same.
const SAMPLES: usize = 64;
/// A sample that more functions have says nothing of any of them.
const COMMON: usize = 400;

/// The same module with another order of its functions.
///
/// # Errors
/// It is not a module as the post-processor writes them.
pub(crate) fn by_likeness(module: &[u8]) -> Result<Vec<u8>> {
    let (imported, bodies) = functions(module)?;
    let order = chain(&bodies);
    let mut places = vec![0; order.len()];
    for (place, function) in (imported..).zip(&order) {
        *places.get_mut(*function).context("a place")? = place;
    }
    let mut moved = Module::new();
    let mut mover = Mover {
        imported,
        order,
        places,
    };
    mover
        .parse_core_module(&mut moved, Parser::new(0), module)
        .map_err(|error| anyhow!("the module: {error}"))?;
    Ok(moved.finish())
}

/// How many functions are imported, and the bytes of the others.
fn functions(module: &[u8]) -> Result<(u32, Vec<&[u8]>)> {
    let (mut imported, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
            _ => {}
        }
    }
    Ok((imported, bodies))
}

/// The smallest hashes (FNV-1a) of all that the function's samples have.
fn samples(body: &[u8]) -> Vec<u64> {
    let hash = |window: &[u8]| {
        window.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    let mut hashes: Vec<u64> = body.windows(SAMPLE).map(hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.truncate(SAMPLES);
    hashes
}

/// From the longest function on, always the one next that has most samples in common with the last.
fn chain(bodies: &[&[u8]]) -> Vec<usize> {
    let samples: Vec<Vec<u64>> = bodies.iter().map(|body| samples(body)).collect();
    let mut owners: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (function, hashes) in samples.iter().enumerate() {
        for hash in hashes {
            owners.entry(*hash).or_default().push(function);
        }
    }
    owners.retain(|_, functions| functions.len() <= COMMON);
    let mut longest: Vec<usize> = (0..bodies.len()).collect();
    longest.sort_by_key(|function| bodies.get(*function).map(|body| body.len()));
    let mut placed = vec![false; bodies.len()];
    let mut order = Vec::with_capacity(bodies.len());
    let mut next = longest.pop();
    while let Some(function) = next {
        let seen = placed
            .get_mut(function)
            .map(|seen| std::mem::replace(seen, true));
        if seen == Some(false) {
            order.push(function);
            next = samples
                .get(function)
                .and_then(|hashes| likest(hashes, &mut owners, &placed));
        } else {
            next = None;
        }
        next = next.or_else(|| longest.pop());
    }
    order
}

/// The function not yet placed that has most of these samples; of equals the first.
fn likest(
    hashes: &[u64],
    owners: &mut BTreeMap<u64, Vec<usize>>,
    placed: &[bool],
) -> Option<usize> {
    let mut shared: BTreeMap<usize, u32> = BTreeMap::new();
    for hash in hashes {
        let Some(functions) = owners.get_mut(hash) else {
            continue;
        };
        functions.retain(|function| placed.get(*function) == Some(&false));
        for function in functions {
            *shared.entry(*function).or_default() += 1;
        }
    }
    shared
        .into_iter()
        .max_by_key(|(function, count)| (*count, std::cmp::Reverse(*function)))
        .map(|(function, _)| function)
}

/// Writes the module again with its functions in another order.
struct Mover {
    imported: u32,
    /// Which function stands where.
    order: Vec<usize>,
    /// Where each function stands, as the module counts.
    places: Vec<u32>,
}

impl Mover {
    fn in_order<T>(&self, items: Vec<T>) -> Vec<T> {
        let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
        let places = self.order.iter();
        places
            .filter_map(|function| items.get_mut(*function)?.take())
            .collect()
    }
}

impl Reencode for Mover {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error> {
        let own = function.checked_sub(self.imported);
        let place = own.and_then(|own| self.places.get(usize::try_from(own).ok()?));
        Ok(place.copied().unwrap_or(function))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        let types = section.into_iter().collect::<Result<Vec<u32>, _>>()?;
        for kind in self.in_order(types) {
            functions.function(self.type_index(kind)?);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        let bodies = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for body in self.in_order(bodies) {
            self.parse_function_body(code, body)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
        ImportSection, RefType, TableSection, TableType, TypeSection,
    };

    /// Six functions, alternately of two kinds and two types; each calls the one after it.
    fn module() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        types.ty().function([], [wasm_encoder::ValType::I32]);
        let mut imports = ImportSection::new();
        imports.import("a", "b", EntityType::Function(0));
        let mut functions = FunctionSection::new();
        let mut code = CodeSection::new();
        for n in 0..6_u32 {
            functions.function(n % 2);
            let mut body = Function::new([]);
            for k in 0..20 {
                body.instructions()
                    .i32_const(if n % 2 == 0 { 1000 + k } else { 5000 - k })
                    .drop();
            }
            body.instructions()
                .i32_const(i32::try_from(n).unwrap())
                .drop();
            if n + 1 < 6 {
                body.instructions().call(n + 2);
                if (n + 1) % 2 == 1 {
                    body.instructions().drop();
                }
            }
            if n % 2 == 1 {
                body.instructions().i32_const(7);
            }
            body.instructions().end();
            code.function(&body);
        }
        let mut tables = TableSection::new();
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            minimum: 2,
            maximum: None,
            table64: false,
            shared: false,
        });
        let mut exports = ExportSection::new();
        exports.export("first", ExportKind::Func, 1);
        let mut elements = ElementSection::new();
        let listed = Elements::Functions([6, 3][..].into());
        elements.active(None, &ConstExpr::i32_const(0), listed);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions);
        module
            .section(&tables)
            .section(&exports)
            .section(&elements)
            .section(&code);
        module.finish()
    }

    /// Which number a body drops last before it calls: its own in the module above.
    fn numbers(module: &[u8]) -> Vec<(u32, Option<u32>)> {
        let (_, bodies) = functions(module).unwrap();
        let read = |body: &&[u8]| {
            let reader = wasmparser::BinaryReader::new(body, 0);
            let body = wasmparser::FunctionBody::new(reader);
            let (mut numbers, mut call) = (Vec::new(), None);
            for operator in body.get_operators_reader().unwrap() {
                match operator.unwrap() {
                    wasmparser::Operator::I32Const { value } => numbers.push(value),
                    wasmparser::Operator::Call { function_index } => call = Some(function_index),
                    _ => {}
                }
            }
            (u32::try_from(numbers[20]).unwrap(), call)
        };
        bodies.iter().map(read).collect()
    }

    #[test]
    fn likes_stand_together_and_every_call_still_finds_its_function() {
        let module = module();
        let moved = by_likeness(&module).unwrap();
        let numbers = numbers(&moved);
        let kinds: Vec<u32> = numbers.iter().map(|(number, _)| number % 2).collect();
        assert!(
            kinds == [0, 0, 0, 1, 1, 1] || kinds == [1, 1, 1, 0, 0, 0],
            "{kinds:?}"
        );
        for (number, call) in &numbers {
            let called = call.map(|call| numbers[usize::try_from(call).unwrap() - 1].0);
            assert_eq!(called, (*number < 5).then_some(number + 1));
        }
        let place = |number| {
            (1..)
                .zip(&numbers)
                .find(|(_, found)| found.0 == number)
                .unwrap()
                .0
        };
        for payload in Parser::new(0).parse_all(&moved) {
            match payload.unwrap() {
                Payload::ExportSection(exports) => {
                    let first = exports.into_iter().next().unwrap().unwrap();
                    assert_eq!(first.index, place(0));
                }
                Payload::ElementSection(elements) => {
                    let wasmparser::ElementItems::Functions(listed) =
                        elements.into_iter().next().unwrap().unwrap().items
                    else {
                        panic!("functions");
                    };
                    let listed: Vec<u32> = listed.into_iter().map(Result::unwrap).collect();
                    assert_eq!(listed, [place(5), place(2)]);
                }
                Payload::FunctionSection(types) => {
                    let types: Vec<u32> = types.into_iter().map(Result::unwrap).collect();
                    assert_eq!(types, kinds);
                }
                _ => {}
            }
        }
        assert_eq!(by_likeness(&module).unwrap(), moved, "the same each time");
    }
}
