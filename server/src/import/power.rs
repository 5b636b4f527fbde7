//! The power list (权责清单): one row for each legal basis, rows of the same code and first day are one matter.
//! Apart because a matter is taken only if every article it names can be looked up and no day has two versions of it.

use super::fault::Fault;
use super::sheet::Sheet;
use super::table::{Row, Table};
use super::{Change, Entry, Plan};
use jiff::civil::Date;
use shared::data::{Span, Unfounded, founded};
use shared::domain::reference::{Basis, Law, PowerItem, PowerSource, Precondition};
use shared::library::{self, notation};
use shared::text::Bilingual;
use std::collections::BTreeMap;

const CODE: &str = "事项编码";
const NAME: &str = "事项名称";
const ENGLISH: &str = "英文名称";
const SOURCE: &str = "权力来源";
const FROM: &str = "列入日期";
const TO: &str = "终止日期";
const LISTED: &str = "涉企检查事项";
const DUTY: &str = "义务内容";
const SANCTION: &str = "处理措施";
const PRECONDITION: &str = "处罚前提";
const LIST: &str = "清单名称";
const LAW: &str = "法律法规";
const PROHIBITS: &str = "义务条款";
const PENALISES: &str = "罚则条款";
const CONDUCT_FROM: &str = "行为起始日";
const CONDUCT_TO: &str = "行为截止日";

/// The columns.
pub(super) const COLUMNS: [&str; 16] = [
    CODE,
    NAME,
    ENGLISH,
    SOURCE,
    FROM,
    TO,
    LISTED,
    DUTY,
    SANCTION,
    PRECONDITION,
    LAW,
    PROHIBITS,
    PENALISES,
    CONDUCT_FROM,
    CONDUCT_TO,
    LIST,
];
/// What a matter's further rows may leave out or say again.
const OF_MATTER: [&str; 9] = [
    NAME,
    ENGLISH,
    SOURCE,
    TO,
    LISTED,
    DUTY,
    SANCTION,
    PRECONDITION,
    LIST,
];
/// The longest code. Characters.
const MAX_CODE: usize = 32;

/// A matter in the making.
struct Matter<'a> {
    first: &'a Row,
    from: Date,
    /// None: its first row has faults.
    item: Option<PowerItem>,
}

/// What the file would change.
pub(super) fn plan(table: &Table, laws: &[Law], known: &[PowerItem]) -> Result<Plan, Vec<Fault>> {
    let mut sheet = Sheet::new(table, &COLUMNS);
    if !sheet.is_complete(&COLUMNS) {
        return Err(sheet.faults);
    }
    let mut matters: BTreeMap<String, Vec<Matter<'_>>> = BTreeMap::new();
    for row in &table.rows {
        let (code, from) = (code(&mut sheet, row), sheet.day_or_none(row, FROM));
        let basis = basis(&mut sheet, row, laws);
        let (Some(code), Some(from)) = (code, from) else {
            continue;
        };
        let versions = matters.entry(code.clone()).or_default();
        let open = match from {
            Some(from) => versions.iter().position(|matter| matter.from == from),
            None => versions.len().checked_sub(1),
        };
        let at = match (open, from) {
            (Some(at), _) => {
                if let Some(matter) = versions.get(at) {
                    agrees(&mut sheet, row, matter.first);
                }
                at
            }
            (None, Some(from)) => {
                let item = head(&mut sheet, row, (&code, from), known);
                let first = row;
                versions.push(Matter { first, from, item });
                versions.len() - 1
            }
            (None, None) => {
                sheet.fault(row, FROM, "empty", "");
                continue;
            }
        };
        let matter = versions.get_mut(at).and_then(|matter| matter.item.as_mut());
        if let (Some(item), Some(basis)) = (matter, basis) {
            add(&mut sheet, row, item, (basis, laws));
        }
    }
    apart(&mut sheet, &matters, known);
    if !sheet.faults.is_empty() {
        return Err(sheet.faults);
    }
    let items = matters.into_values().flatten();
    let changes = items.filter_map(|matter| {
        let new = matter.item?;
        let same = |item: &&PowerItem| item.code == new.code && item.from == new.from;
        let old = known.iter().find(same).cloned().map(Entry::Power);
        let place = new.list.clone();
        let new = Entry::Power(new);
        Some((matter.first.number, Change { old, new, place }))
    });
    Ok(Plan::new(table, changes.collect()))
}

/// The list as it is, in rows that can be read in again: whoever ends a matter changes one cell and types nothing anew.
pub(super) fn rows(known: &[PowerItem]) -> Vec<[String; 16]> {
    let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
    let row = |item: &PowerItem, basis: &Basis| {
        let source = format!("{:?}", item.source);
        let before = match item.precondition {
            Precondition::None => "无",
            Precondition::AfterFailedCorrection => "逾期不改正",
            Precondition::AfterWarning => "警告后",
        };
        [
            item.code.clone(),
            item.name.zh.clone(),
            item.name.en.clone(),
            source,
            item.from.to_string(),
            day(item.to),
            if item.listed { "是" } else { "否" }.to_owned(),
            item.duty.zh.clone(),
            item.sanction.zh.clone(),
            before.to_owned(),
            basis.law.clone(),
            basis.prohibits.clone(),
            basis.penalises.clone(),
            day(basis.from),
            day(basis.to),
            item.list.clone(),
        ]
    };
    let rows = known
        .iter()
        .flat_map(|item| item.bases.iter().map(move |basis| row(item, basis)));
    rows.collect()
}

/// A code that can stand in the set's keys.
fn code(sheet: &mut Sheet, row: &Row) -> Option<String> {
    let code = sheet.required(row, CODE)?;
    let odd = |c: char| c.is_whitespace() || c == '@';
    if code.chars().count() > MAX_CODE || code.contains(odd) {
        sheet.fault(row, CODE, "code", code);
        return None;
    }
    Some(code)
}

/// What a further row says of its matter is what the first row says.
fn agrees(sheet: &mut Sheet, row: &Row, first: &Row) {
    for column in OF_MATTER {
        let here = sheet.sentences(row, column).unwrap_or_default();
        if !here.is_empty()
            && sheet
                .sentences(first, column)
                .is_some_and(|said| said != here)
        {
            sheet.fault(row, column, "matter-differs", first.number.to_string());
        }
    }
}

/// A matter as its first row has it, without its bases.
fn head(
    sheet: &mut Sheet,
    row: &Row,
    (code, from): (&str, Date),
    known: &[PowerItem],
) -> Option<PowerItem> {
    let name = sheet.required(row, NAME);
    let english = sheet.optional(row, ENGLISH);
    let source = source(sheet, row);
    let to = sheet.day_or_none(row, TO);
    let listed = sheet.yes_no(row, LISTED);
    let [duty, sanction] = [DUTY, SANCTION].map(|column| sentences(sheet, row, column));
    let precondition = precondition(sheet, row);
    let list = sheet.required(row, LIST);
    if let Some(to) = to.flatten().filter(|to| *to < from) {
        sheet.fault(row, TO, "order", format!("{from} – {to}"));
        return None;
    }
    let same = || known.iter().filter(|item| item.code == code);
    let names = same().map(|item| &item.name);
    let duties = same().map(|item| &item.duty);
    let sanctions = same().map(|item| &item.sanction);
    Some(PowerItem {
        code: code.to_owned(),
        name: bilingual(name?, &english?, names),
        source: source?,
        from,
        to: to?,
        listed: listed?,
        duty: bilingual(duty?, "", duties),
        sanction: bilingual(sanction?, "", sanctions),
        precondition: precondition?,
        bases: Vec::new(),
        list: list?,
    })
}

fn sentences(sheet: &mut Sheet, row: &Row, column: &'static str) -> Option<String> {
    let text = sheet.sentences(row, column)?;
    if text.is_empty() {
        sheet.fault(row, column, "empty", "");
        return None;
    }
    Some(text)
}

/// English where it is given, else as it is known for the same Chinese, else the Chinese: nothing is shown empty.
fn bilingual<'a>(
    zh: String,
    given: &str,
    mut known: impl Iterator<Item = &'a Bilingual>,
) -> Bilingual {
    let en = if given.is_empty() {
        let same = known.find(|text| text.zh == zh);
        same.map_or_else(|| zh.clone(), |text| text.en.clone())
    } else {
        given.to_owned()
    };
    Bilingual { zh, en }
}

fn source(sheet: &mut Sheet, row: &Row) -> Option<PowerSource> {
    match sheet.required(row, SOURCE)?.as_str() {
        "S1" | "法定" | "法律法规赋予" | "法律法规直接赋予" => {
            Some(PowerSource::S1)
        }
        "S2" | "赋权" | "省级赋权" => Some(PowerSource::S2),
        "S3" | "委托" | "委托执法" => Some(PowerSource::S3),
        "S4" | "配合" | "配合执法" | "巡查" | "报告" | "配合、巡查、报告" => {
            Some(PowerSource::S4)
        }
        other => {
            sheet.fault(row, SOURCE, "source", other);
            None
        }
    }
}

fn precondition(sheet: &mut Sheet, row: &Row) -> Option<Precondition> {
    match sheet.optional(row, PRECONDITION)?.as_str() {
        "" | "无" => Some(Precondition::None),
        "逾期不改正" | "责令改正后逾期不改正" | "拒不改正" => {
            Some(Precondition::AfterFailedCorrection)
        }
        "警告后" | "先予警告" => Some(Precondition::AfterWarning),
        other => {
            sheet.fault(row, PRECONDITION, "precondition", other);
            None
        }
    }
}

/// A row's basis, with the law under its short name and articles as citations write them.
fn basis(sheet: &mut Sheet, row: &Row, laws: &[Law]) -> Option<Basis> {
    let name = sheet.required(row, LAW);
    let [prohibits, penalises] = [PROHIBITS, PENALISES].map(|column| article(sheet, row, column));
    let from = sheet.day_or_none(row, CONDUCT_FROM);
    let to = sheet.day_or_none(row, CONDUCT_TO);
    let name = name?;
    let Some(law) = library::law(laws, &name) else {
        sheet.fault(row, LAW, "law", name);
        return None;
    };
    // Looked up here and not with the matter, so that a wrong first row hides no wrong article.
    let cited = [
        (PROHIBITS, prohibits.as_ref()),
        (PENALISES, penalises.as_ref()),
    ];
    for (column, article) in cited {
        let optional = column == PENALISES && article.is_some_and(String::is_empty);
        let Some(article) = article.filter(|_| !optional) else {
            continue;
        };
        if library::article(law, article).is_none() {
            let why = if article.is_empty() {
                "empty"
            } else {
                "article"
            };
            sheet.fault(row, column, why, format!("{} {article}", law.id));
        }
    }
    let basis = Basis {
        law: law.id.clone(),
        prohibits: prohibits?,
        penalises: penalises?,
        from: from?,
        to: to?,
    };
    if let (Some(from), Some(to)) = (basis.from, basis.to)
        && to < from
    {
        sheet.fault(row, CONDUCT_TO, "order", format!("{from} – {to}"));
        return None;
    }
    Some(basis)
}

/// `28`, `60(1)`, `60（1）`, `第六十条第一款第（一）项`; empty where there is none.
fn article(sheet: &mut Sheet, row: &Row, column: &'static str) -> Option<String> {
    let text = sheet.optional(row, column)?;
    if text.is_empty() {
        return Some(text);
    }
    let brackets = ['(', ')', '（', '）'];
    let plain = if text.contains('条') {
        text.replace(brackets, "")
    } else {
        text.replace('（', "(").replace('）', ")")
    };
    let cited = notation::cited(&plain);
    if cited.is_none() {
        sheet.fault(row, column, "article-form", text);
    }
    cited
}

fn add(sheet: &mut Sheet, row: &Row, item: &mut PowerItem, (basis, laws): (Basis, &[Law])) {
    let listed = Span {
        from: Some(item.from),
        to: item.to,
    };
    match founded(&basis, listed, laws) {
        Err(Unfounded::Force) => sheet.fault(row, LAW, "not-in-force", &*basis.law),
        Ok(()) if item.bases.contains(&basis) => sheet.fault(row, LAW, "basis-twice", &*basis.law),
        Ok(()) => item.bases.push(basis),
        // Said when the row was read.
        Err(Unfounded::Law | Unfounded::Prohibits | Unfounded::Penalises) => {}
    }
}

/// No day may have two versions of a matter, be they in the file or in the list.
fn apart(sheet: &mut Sheet, matters: &BTreeMap<String, Vec<Matter<'_>>>, known: &[PowerItem]) {
    let span = |item: &PowerItem| Span {
        from: Some(item.from),
        to: item.to,
    };
    for (code, versions) in matters {
        let replaced = |item: &&PowerItem| versions.iter().any(|matter| matter.from == item.from);
        let stays = known.iter().filter(|item| item.code == *code);
        let mut others: Vec<&PowerItem> = stays.filter(|item| !replaced(item)).collect();
        for matter in versions {
            let Some(item) = &matter.item else {
                continue;
            };
            if let Some(other) = others.iter().find(|other| span(other).meets(span(item))) {
                sheet.fault(matter.first, FROM, "overlap", other.from.to_string());
            }
            others.push(item);
        }
    }
}
