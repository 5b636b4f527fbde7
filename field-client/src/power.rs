//! Where the power for a matter comes from, in words: it decides what may be done at all.

use crate::html::Ui;
use crate::sheet::Sheet;
use shared::domain::reference::PowerSource;
use shared::instant::Instant;
use shared::rules;

/// Every source, in the order in which matters are listed.
pub(crate) const SOURCES: [PowerSource; 4] = [
    PowerSource::S1,
    PowerSource::S2,
    PowerSource::S3,
    PowerSource::S4,
];

/// What a record's page says of its matter.
pub(crate) struct Shown {
    /// `S3 委托`; empty where the matter is not on the list.
    pub(crate) word: String,
    /// Only patrol, persuasion and report are possible, or the matter is not on the list; or nothing.
    pub(crate) warning: String,
}

/// The message key of a source.
pub(crate) const fn key(source: PowerSource) -> &'static str {
    match source {
        PowerSource::S1 => "field.follow.power.S1",
        PowerSource::S2 => "field.follow.power.S2",
        PowerSource::S3 => "field.follow.power.S3",
        PowerSource::S4 => "field.follow.power.S4",
    }
}

/// Of this record's matter on the day that counts.
pub(crate) fn of(ui: Ui, sheet: &Sheet) -> Shown {
    // The day comes from the record, not from the clock.
    let context = sheet.context(Instant::from_millis(0));
    let source = rules::power_of(&sheet.facts, &context).map(|item| item.source);
    Shown {
        word: source.map_or_else(String::new, |source| ui.t(key(source)).to_owned()),
        warning: match source {
            None if sheet.facts.opened.is_none() => String::new(),
            None => ui.t("field.follow.unlisted").to_owned(),
            Some(PowerSource::S4) => ui.t("field.follow.cooperate").to_owned(),
            Some(PowerSource::S1 | PowerSource::S2 | PowerSource::S3) => String::new(),
        },
    }
}
