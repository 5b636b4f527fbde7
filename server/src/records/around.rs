//! What a record's page shows around the record: pictures, remarks, linked records, the checklist and the power behind it.

use super::list;
use crate::assess::{Case, Judged};
use crate::explain;
use crate::html;
use crate::random::hex;
use crate::session::Visitor;
use crate::shipped;
use crate::store::blobs::{self, Hash};
use crate::store::{self, ReadTx, log, visits};
use shared::domain::event::{EvidenceAdded, Fact, Photo, Value};
use shared::fold::{Entry, Facts};
use shared::id::{FieldId, RecordId};
use shared::instant::Instant;
use shared::rules::explain::Names;
use shared::rules::gap::MarkKind;
use shared::rules::power_of;
use shared::text::{Lang, fill, text};
use std::collections::BTreeMap;

/// Digits of a hash that are shown.
const HASH_DIGITS: usize = 12;

/// A picture, ready to print.
pub(super) struct PhotoView {
    /// Where it is; none until it came.
    pub(super) src: Option<String>,
    pub(super) what: String,
    pub(super) step: String,
    pub(super) taken: String,
    pub(super) fix: String,
    pub(super) place: String,
    pub(super) hash: String,
    pub(super) original: String,
    pub(super) withdrawn: bool,
}

/// A remark on how something was recorded.
pub(super) struct MarkView {
    pub(super) words: String,
    pub(super) step: String,
    pub(super) because: Vec<String>,
}

/// Another record.
pub(super) struct LinkView {
    pub(super) relation: String,
    /// Its address, if this person sees it.
    pub(super) href: Option<String>,
    pub(super) what: String,
}

/// The checklist and what was found.
pub(super) struct Checked {
    pub(super) name: String,
    /// Item, answer, class, remark, article.
    pub(super) items: Vec<(String, String, &'static str, String, String)>,
}

/// What the store knows around a record.
pub(super) struct Around {
    photos: BTreeMap<Hash, bool>,
    /// Other records: relation as seen from here, id, what lists show of it if it is here.
    links: Vec<(String, RecordId, Option<log::Line>)>,
}

impl Around {
    /// Reads it.
    pub(super) fn load(tx: &ReadTx<'_>, id: RecordId, case: &Case) -> Result<Self, store::Error> {
        let mut named: Vec<(String, RecordId)> = Vec::new();
        if let Ok(judged) = &case.judged {
            for (other, relation) in &judged.kept.links {
                named.push((relation.clone(), *other));
            }
        }
        for (other, relation) in visits::linked_from(tx, id)? {
            let seen_from_here = match relation.as_str() {
                visits::FROM => visits::LEADS_TO,
                visits::LEADS_TO => visits::FROM,
                other => other,
            };
            named.push((seen_from_here.to_owned(), other));
        }
        named.sort();
        named.dedup();
        let mut links = Vec::new();
        for (relation, other) in named {
            links.push((relation, other, log::brief(tx, other)?));
        }
        Ok(Self {
            photos: blobs::of_record(tx, id)?.into_iter().collect(),
            links,
        })
    }

    /// Linked records; of another office's nothing is said but that they are there.
    pub(super) fn links(&self, visitor: &Visitor) -> Vec<LinkView> {
        let lang = visitor.lang;
        let named = |line: &log::Line| {
            let name = shipped::procedure_name(lang, &line.procedure);
            format!("{name} {}", line.subject_name)
        };
        let view = |(relation, other, line): &(String, RecordId, Option<log::Line>)| {
            let line = line.as_ref().filter(|line| visitor.sees(line.unit));
            LinkView {
                relation: explain::relation(lang, relation).to_owned(),
                href: line.map(|_| format!("/records/{other}")),
                what: line.map_or_else(|| text(lang, "console.photo.elsewhere").to_owned(), named),
            }
        };
        self.links.iter().map(view).collect()
    }

    /// The record's pictures in reading order.
    pub(super) fn photos(
        &self,
        lang: Lang,
        id: RecordId,
        facts: &Facts,
        names: Names<'_>,
    ) -> Vec<PhotoView> {
        let view = |entry: &Entry| match &entry.event.fact {
            Fact::EvidenceAdded(evidence) => {
                let photo = evidence.photo.as_ref()?;
                Some(self.photo(lang, (id, facts), entry, (evidence, photo), names))
            }
            _ => None,
        };
        facts.timeline.iter().filter_map(view).collect()
    }

    fn photo(
        &self,
        lang: Lang,
        (id, facts): (RecordId, &Facts),
        entry: &Entry,
        (evidence, photo): (&EvidenceAdded, &Photo),
        names: Names<'_>,
    ) -> PhotoView {
        let here = self.photos.get(&photo.hash).copied().unwrap_or(false);
        let at = photo.taken_at.unwrap_or_else(|| entry.event.at());
        PhotoView {
            src: here.then(|| format!("/records/{id}/photos/{}", hex(&photo.hash))),
            what: evidence.reference.clone(),
            step: names.step(lang, &evidence.step).to_owned(),
            taken: html::moment(lang, at),
            fix: fix(lang, photo),
            place: photo.place.clone(),
            hash: short(photo.hash),
            original: short(photo.original),
            withdrawn: facts.withdrawn.contains(&entry.place),
        }
    }
}

fn short(hash: Hash) -> String {
    hex(&hash).chars().take(HASH_DIGITS).collect()
}

fn fix(lang: Lang, photo: &Photo) -> String {
    let Some(fix) = photo.fix else {
        return text(lang, "console.photo.no-fix").to_owned();
    };
    let degrees = |e6: i32| format!("{:.6}", f64::from(e6) / 1e6);
    let (lat, lon) = (degrees(fix.lat_e6), degrees(fix.lon_e6));
    let metres = fix.accuracy_m.to_string();
    let with = [("lat", &*lat), ("lon", &*lon), ("m", &*metres)];
    fill(lang, "console.photo.fix", &with)
}

/// How many of the pictures have come, and whether all have; none if there are none.
pub(super) fn arrived(lang: Lang, photos: &[PhotoView]) -> Option<(String, bool)> {
    let mut all: BTreeMap<&str, bool> = BTreeMap::new();
    for photo in photos {
        all.insert(&photo.hash, photo.src.is_some());
    }
    let here = all.values().filter(|here| **here).count();
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    (!all.is_empty()).then(|| {
        (
            list::photos(lang, count(here), count(all.len())),
            here == all.len(),
        )
    })
}

/// Remarks on how things were recorded.
pub(super) fn marks(lang: Lang, judged: &Judged, names: Names<'_>) -> Vec<MarkView> {
    let view = |mark: &shared::rules::gap::Mark| {
        let key = match mark.kind {
            MarkKind::Burst => "console.mark.burst",
            MarkKind::LateEntry => "console.mark.late",
            MarkKind::LateEntryUnexplained => "console.mark.unexplained",
        };
        let because = mark.because.iter();
        MarkView {
            words: text(lang, key).to_owned(),
            step: names.step(lang, &mark.step).to_owned(),
            because: because
                .map(|because| explain::because(lang, because, names))
                .collect(),
        }
    };
    judged.assessment.marks.iter().map(view).collect()
}

/// The checklist with its answers; none if the matter has none or nothing was answered.
pub(super) fn checked(lang: Lang, judged: &Judged) -> Option<Checked> {
    let list = judged.beside.checklist.as_ref()?;
    let procedure = judged.procedure.as_ref()?;
    let step = procedure.steps.iter().find(|step| step.checklist)?;
    let fields = &judged.facts.steps.get(&step.id)?.fields;
    let said = |id: &str| fields.get(id).map(|noted| &noted.value);
    let any = list.items.iter().any(|item| fields.contains_key(&item.id));
    let items = list.items.iter().map(|item| {
        let note_id = FieldId::new(&format!("{}.note", item.id));
        let note = match note_id.ok().and_then(|id| said(id.as_str())) {
            Some(Value::Text(note)) => note.clone(),
            _ => String::new(),
        };
        let (key, class) = match said(item.id.as_str()) {
            Some(Value::Choice(code)) if code == "pass" => ("pass", "state-done"),
            Some(Value::Choice(code)) if code == "fail" => ("fail", "state-late"),
            Some(Value::Choice(code)) if code == "na" => ("na", "state-na"),
            Some(Value::Choice(code)) if code == "unchecked" => ("unchecked", "state-todo"),
            _ => ("blank", "state-todo"),
        };
        let answer = text(lang, &format!("console.photo.item.{key}")).to_owned();
        let article = format!("{} {}", item.law, item.article);
        (lang.of(&item.text).to_owned(), answer, class, note, article)
    });
    any.then(|| Checked {
        name: format!("{} {}", lang.of(&list.name), list.key()),
        items: items.collect(),
    })
}

/// The power behind the record: where it comes from, and the row of the list in force on the day that counts.
pub(super) fn power(
    lang: Lang,
    case: &Case,
    judged: &Judged,
    now: Instant,
) -> Vec<(String, String)> {
    let t = |key: &str| text(lang, key).to_owned();
    let context = judged.context(&case.known, now);
    let Some(item) = power_of(&judged.facts, &context) else {
        let unknown = t("console.photo.no-power");
        return vec![(t("console.photo.power"), unknown)];
    };
    let source = t(&format!("console.photo.source.{:?}", item.source));
    let until = item.to.map_or_else(
        || t("console.photo.until-further"),
        |day| html::day(lang, day),
    );
    let row = format!(
        "{} · {} · {}–{until}",
        explain::matter(lang, &item.code, Some(item)),
        item.list,
        html::day(lang, item.from)
    );
    vec![
        (t("console.photo.power"), source),
        (t("console.photo.power-row"), row),
    ]
}

/// What the page says first of a record.
pub(super) fn summary(
    lang: Lang,
    unit: &str,
    judged: &Judged,
    names: Names<'_>,
) -> Vec<(String, String)> {
    let t = |key: &str| text(lang, key).to_owned();
    let mut out = vec![(t("console.task.unit"), unit.to_owned())];
    if let Some(opened) = &judged.facts.opened {
        let value = &opened.value;
        let officers: Vec<&str> = value
            .officers
            .iter()
            .map(|id| explain::officer(lang, *id, names))
            .collect();
        out.push((t("console.task.subject"), value.subject_name.clone()));
        out.push((t("console.record.place"), value.place.clone()));
        let matter = explain::matter(lang, &value.matter, judged.beside.power.last());
        out.push((t("console.task.matter"), matter));
        out.push((t("console.task.officers"), officers.join(html::comma(lang))));
    }
    if let Some(procedure) = &judged.procedure {
        let version = procedure.version.to_string();
        let with = [("name", lang.of(&procedure.name)), ("n", &version)];
        let name = fill(lang, "console.record.version", &with);
        out.push((t("console.record.procedure"), name));
    }
    let submitted = judged.facts.submitted.as_ref();
    let submitted = submitted.map_or_else(
        || t("console.record.not-submitted"),
        |noted| html::moment(lang, noted.recorded_at),
    );
    out.push((t("console.record.submitted"), submitted));
    out
}
