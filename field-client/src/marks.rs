//! Remarks on how a step was recorded, for whoever reads it: no gaps, nothing to put right.

use crate::gaps;
use crate::sheet::Sheet;
use shared::rules::explain;
use shared::rules::gap::{Assessment, Mark};
use shared::rules::procedure::Step;
use shared::text::Lang;

/// A remark in words.
pub(crate) struct MarkShown {
    pub(crate) text: String,
    pub(crate) because: Vec<String>,
}

/// The remarks on this step.
pub(crate) fn of(sheet: &Sheet, lang: Lang, assessed: &Assessment, step: &Step) -> Vec<MarkShown> {
    let marks = assessed.marks.iter().filter(|mark| mark.step == step.id);
    marks.map(|mark| shown(sheet, lang, mark)).collect()
}

fn shown(sheet: &Sheet, lang: Lang, mark: &Mark) -> MarkShown {
    let names = gaps::names(sheet);
    MarkShown {
        text: explain::mark(lang, mark.kind).to_owned(),
        because: mark
            .because
            .iter()
            .map(|because| explain::because(lang, because, names))
            .collect(),
    }
}
