//! Many cases at once, text in and text out: what the rules say as WebAssembly is compared with what they say here.
//! Apart because only tests use it; with the feature `judge` it is a bare module that imports nothing.
use crate::rules::case::Case;
use crate::rules::procedure::Procedure;
use serde::{Deserialize, Serialize};

/// Procedures as phones get them, the text of each case.
#[derive(Deserialize)]
struct Question {
    procedures: Vec<Procedure>,
    cases: Vec<String>,
}

/// What became of one case.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Judged {
    /// The gaps, as cases write them, and why each case could not be read.
    pub found: Vec<String>,
    /// Where that differs from what the case expects.
    pub differences: Vec<String>,
}

/// Judges cases.
///
/// # Errors
/// The question is no JSON of the right shape.
pub fn judge(question: &[u8]) -> Result<Vec<Judged>, serde_json::Error> {
    let Question { procedures, cases } = serde_json::from_slice(question)?;
    let one = |text: &String| match Case::parse(text, &procedures) {
        Err(bad) => Judged {
            found: vec![bad.to_string()],
            differences: vec![bad.to_string()],
        },
        Ok(case) => {
            let answer = case.assess();
            let gaps = answer.gaps.iter().map(ToString::to_string);
            let open = answer.open.iter().map(ToString::to_string);
            Judged {
                found: gaps.chain(open).collect(),
                differences: case.differences(&answer),
            }
        }
    };
    Ok(cases.iter().map(one).collect())
}

/// The module's whole interface.
#[cfg(feature = "judge")]
mod exports {
    #![expect(
        unsafe_code,
        reason = "only the names of functions: no pointer is followed here"
    )]

    use std::sync::{Mutex, PoisonError};

    static ROOM: Mutex<Vec<u8>> = Mutex::new(Vec::new());

    fn with_room<T>(work: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        work(&mut ROOM.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes room for a question of so many bytes and says where.
    #[unsafe(no_mangle)]
    extern "C" fn room(len: usize) -> *mut u8 {
        with_room(|room| {
            *room = vec![0; len];
            room.as_mut_ptr()
        })
    }

    /// Answers the question in the room: afterwards the answer is there. Gives its length; 0 if the question does not read.
    #[unsafe(no_mangle)]
    extern "C" fn answer() -> usize {
        with_room(|room| {
            let judged = super::judge(room).ok();
            *room = judged
                .and_then(|judged| serde_json::to_vec(&judged).ok())
                .unwrap_or_default();
            room.len()
        })
    }

    /// Where the answer is.
    #[unsafe(no_mangle)]
    extern "C" fn place() -> *const u8 {
        with_room(|room| room.as_ptr())
    }
}
