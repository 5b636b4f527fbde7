//! Reference data: what the office knows and the phone carries along to judge and to fill in.
//! Apart because these rows travel as versioned sets beside the log and are the context of every assessment.

use crate::codec::decode_array;
use crate::id::{FeedId, FieldId, OfficerId, ProcedureId, RecordId, SubjectId, TaskId, UnitId};
use crate::instant::{Instant, date_cbor, option_date_cbor};
use crate::text::Bilingual;
use jiff::civil::Date;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

mod numbers;
mod training;
pub use numbers::NumberBlock;
pub use training::{Attended, Invitation, SessionKind, Training};

/// The sets, in the order in which headers name their versions. The numbers are frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefSet {
    /// 0: [`Officer`] by officer id.
    Officers,
    /// 1: [`Unit`] by unit id.
    Units,
    /// 2: [`Subject`] by subject id.
    Subjects,
    /// 3: [`PowerItem`] by `CODE@first day`.
    Power,
    /// 4: [`crate::rules::procedure::Procedure`] by `ID@version`.
    Procedures,
    /// 5: [`CalendarYear`] by year.
    Calendar,
    /// 6: [`crate::rules::jurisdiction::Jurisdiction`] by id.
    Jurisdictions,
    /// 7: [`Task`] by task id.
    Tasks,
    /// 8: [`Feed`] by feed id.
    Feeds,
    /// 9: [`Law`] by short name.
    Laws,
    /// 10: [`Checklist`] by `MATTER@version`.
    Checklists,
    /// 11: [`Training`] by officer id; each row goes to that officer's own devices only.
    Training,
    /// 12: [`crate::domain::scenario::Scenario`] by `id@version`.
    Scenarios,
    /// 13: [`NumberBlock`] by block id; each row goes to the devices of the officer whose device has the block.
    Numbers,
    /// A set of a newer build, so that this one reads the page or header that names it; never one of those above.
    Other(u8),
}

impl RefSet {
    /// Every set that this build knows.
    pub const ALL: [Self; 14] = [
        Self::Officers,
        Self::Units,
        Self::Subjects,
        Self::Power,
        Self::Procedures,
        Self::Calendar,
        Self::Jurisdictions,
        Self::Tasks,
        Self::Feeds,
        Self::Laws,
        Self::Checklists,
        Self::Training,
        Self::Scenarios,
        Self::Numbers,
    ];

    /// The number in storage and on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Officers => 0,
            Self::Units => 1,
            Self::Subjects => 2,
            Self::Power => 3,
            Self::Procedures => 4,
            Self::Calendar => 5,
            Self::Jurisdictions => 6,
            Self::Tasks => 7,
            Self::Feeds => 8,
            Self::Laws => 9,
            Self::Checklists => 10,
            Self::Training => 11,
            Self::Scenarios => 12,
            Self::Numbers => 13,
            Self::Other(number) => number,
        }
    }

    /// The set of this number, if this build knows it.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.number() == number)
    }

    /// Whether each of its rows is for one officer's own devices.
    #[must_use]
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::Training | Self::Numbers)
    }

    /// Whether it can be the context of an assessment, so that headers and assessments name its version.
    #[must_use]
    pub const fn judges(self) -> bool {
        !matches!(
            self,
            Self::Training | Self::Scenarios | Self::Numbers | Self::Other(_)
        )
    }
}

impl<C> Encode<C> for RefSet {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.u8(self.number())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for RefSet {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let number = d.u8()?;
        Ok(Self::from_number(number).unwrap_or(Self::Other(number)))
    }
}

/// An enforcement certificate (行政执法证).
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Certificate {
    /// Its number.
    #[n(0)]
    pub number: String,
    /// First day on which it counts.
    #[cbor(n(1), with = "date_cbor")]
    pub valid_from: Date,
    /// Last day on which it counts.
    #[cbor(n(2), with = "date_cbor")]
    pub valid_to: Date,
}

decode_array!(Certificate {
    number,
    valid_from: with(date_cbor::decode),
    valid_to: with(date_cbor::decode)
});

/// What a phone needs to check an officer's PIN offline. See docs/THREATS.md for what six digits withstand.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct PinVerifier {
    /// Salt of this officer.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub salt: [u8; 16],
    /// Argon2id memory in KiB.
    #[n(1)]
    pub memory_kib: u32,
    /// Argon2id passes.
    #[n(2)]
    pub passes: u32,
    /// Argon2id output (one lane).
    #[cbor(n(3), with = "minicbor::bytes")]
    pub hash: [u8; 32],
}

decode_array!(PinVerifier {
    salt: bytes,
    memory_kib,
    passes,
    hash: bytes
});

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Officer {
    /// Who.
    #[n(0)]
    pub id: OfficerId,
    /// Family name first.
    #[n(1)]
    pub name: String,
    /// The office.
    #[n(2)]
    pub unit: UnitId,
    /// Auxiliary staff (辅助人员、网格员) never count as officers.
    #[n(3)]
    pub auxiliary: bool,
    /// Certificates, expired ones too.
    #[n(4)]
    pub certificates: Vec<Certificate>,
    /// For confirming by PIN on a colleague's phone; none until the officer has enrolled a device.
    #[n(5)]
    pub pin: Option<PinVerifier>,
}

decode_array!(Officer {
    id,
    name,
    unit,
    auxiliary,
    certificates,
    pin
});

impl Officer {
    /// The certificate that counts on this day; through its last day (行政处罚法 42, judging convention of time limits).
    #[must_use]
    pub fn certificate_on(&self, day: Date) -> Option<&Certificate> {
        if self.auxiliary {
            return None;
        }
        self.certificates
            .iter()
            .find(|c| c.valid_from <= day && day <= c.valid_to)
    }
}

/// An office.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Unit {
    /// Which.
    #[n(0)]
    pub id: UnitId,
    /// Its name on documents.
    #[n(1)]
    pub name: String,
}

decode_array!(Unit { id, name });

/// What kind of party a subject is: time limits and caps depend on it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// 企业等法人或其他组织.
    #[n(0)]
    Organisation,
    /// 个体工商户.
    #[n(1)]
    SoleTrader,
    /// 公民.
    #[n(2)]
    Citizen,
}

/// An inspected party.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Subject {
    /// Which.
    #[n(0)]
    pub id: SubjectId,
    /// Its name on documents.
    #[n(1)]
    pub name: String,
    /// What kind.
    #[n(2)]
    pub kind: SubjectKind,
    /// Where.
    #[n(3)]
    pub address: String,
    /// Person in charge.
    #[n(4)]
    pub contact: String,
}

decode_array!(Subject {
    id,
    name,
    kind,
    address,
    contact
});

/// Where a power comes from (权力来源): decides what may be done at all.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(index_only)]
pub enum PowerSource {
    /// 法律法规直接赋予.
    #[n(0)]
    S1,
    /// 省级赋权.
    #[n(1)]
    S2,
    /// 委托执法.
    #[n(2)]
    S3,
    /// 配合、巡查、报告.
    #[n(3)]
    S4,
}

/// What must have happened before a penalty for a matter is possible at all.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Precondition {
    /// Nothing.
    #[n(0)]
    None,
    /// An order to correct, served, whose time ran out without correction (逾期不改正、拒不改正).
    #[n(1)]
    AfterFailedCorrection,
    /// A warning.
    #[n(2)]
    AfterWarning,
}

/// A legal basis of a matter and the conduct that it governs: conduct outside these days falls under another law
/// (行政处罚法 37).
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Basis {
    /// The law's short name: the id of a [`Law`].
    #[n(0)]
    pub law: String,
    /// The article that forbids or demands.
    #[n(1)]
    pub prohibits: String,
    /// The article that penalises; empty where none does.
    #[n(2)]
    pub penalises: String,
    /// First day of conduct that it governs; none: from ever.
    #[cbor(n(3), with = "option_date_cbor")]
    pub from: Option<Date>,
    /// Last day of conduct that it governs; none: until further notice.
    #[cbor(n(4), with = "option_date_cbor")]
    pub to: Option<Date>,
}

decode_array!(Basis {
    law,
    prohibits,
    penalises,
    from: maybe(option_date_cbor::decode),
    to: maybe(option_date_cbor::decode)
});

/// A matter on the power list (权责清单), as the list has it between two days.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct PowerItem {
    /// Such as `M12`.
    #[n(0)]
    pub code: String,
    /// The matter's name.
    #[n(1)]
    pub name: Bilingual,
    /// Where the power comes from.
    #[n(2)]
    pub source: PowerSource,
    /// First day on which the list has it so.
    #[cbor(n(3), with = "date_cbor")]
    pub from: Date,
    /// Last day; none: until further notice.
    #[cbor(n(4), with = "option_date_cbor")]
    pub to: Option<Date>,
    /// Whether it is on the published list of enterprise inspections (国办发〔2024〕54号).
    #[n(5)]
    pub listed: bool,
    /// What is forbidden or required.
    #[n(6)]
    pub duty: Bilingual,
    /// What may follow.
    #[n(7)]
    pub sanction: Bilingual,
    /// What a penalty presupposes.
    #[n(8)]
    pub precondition: Precondition,
    /// The articles, by conduct date.
    #[n(9)]
    pub bases: Vec<Basis>,
    /// The list's title and year, for documents.
    #[n(10)]
    pub list: String,
}

decode_array!(PowerItem {
    code,
    name,
    source,
    from: with(date_cbor::decode),
    to: maybe(option_date_cbor::decode),
    listed,
    duty,
    sanction,
    precondition,
    bases,
    list
});

impl PowerItem {
    /// Whether the list has it so on this day.
    #[must_use]
    pub fn is_in_force(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// The bases that govern conduct of this day.
    pub fn bases_on(&self, day: Date) -> impl Iterator<Item = &Basis> {
        self.bases.iter().filter(move |basis| {
            basis.from.is_none_or(|from| from <= day) && basis.to.is_none_or(|to| day <= to)
        })
    }
}

/// A law or document of the offline library (法律库).
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Law {
    /// The short name that citations use, such as `行政处罚法`.
    #[n(0)]
    pub id: String,
    /// Its full name.
    #[n(1)]
    pub name: Bilingual,
    /// The number under which it was issued (文号), if known.
    #[n(2)]
    pub number: String,
    /// First letters of the short name's pinyin, such as `xzcff`.
    #[n(3)]
    pub initials: String,
    /// First day in force.
    #[cbor(n(4), with = "option_date_cbor")]
    pub from: Option<Date>,
    /// Last day in force; none: still in force.
    #[cbor(n(5), with = "option_date_cbor")]
    pub to: Option<Date>,
    /// Articles in the law's order.
    #[n(6)]
    pub articles: Vec<LawArticle>,
}

decode_array!(Law {
    id,
    name,
    number,
    initials,
    from: maybe(option_date_cbor::decode),
    to: maybe(option_date_cbor::decode),
    articles
});

impl Law {
    /// Whether it is in force on this day.
    #[must_use]
    pub fn is_in_force(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// What one article demands.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct LawArticle {
    /// As citations write it: `55`, `42(1)`; empty for a document without articles.
    #[n(0)]
    pub article: String,
    /// What it demands, in our own words; empty where only the official text is there.
    #[n(1)]
    pub demand: Bilingual,
    /// How sure we are: `V`, `W`, `K` or `D`.
    #[n(2)]
    pub confidence: String,
    /// The official text, where the office imported it.
    #[n(3)]
    pub official: Option<String>,
}

decode_array!(LawArticle {
    article,
    demand,
    confidence,
    official
});

/// What an inspector looks at for one matter (检查事项清单).
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Checklist {
    /// The matter's code on the power list.
    #[n(0)]
    pub matter: String,
    /// The version: a record keeps the one it was begun with.
    #[n(1)]
    pub version: u32,
    /// Its name.
    #[n(2)]
    pub name: Bilingual,
    /// What to look at, in the order of a walk through the place.
    #[n(3)]
    pub items: Vec<CheckItem>,
}

decode_array!(Checklist {
    matter,
    version,
    name,
    items
});

impl Checklist {
    /// `MATTER@version`, as records name it.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}@{}", self.matter, self.version)
    }
}

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct CheckItem {
    /// Its id within the checklist; answers stand in the field of this id, reasons in `<id>.note`.
    #[n(0)]
    pub id: FieldId,
    /// What must be so.
    #[n(1)]
    pub text: Bilingual,
    /// How to check it.
    #[n(2)]
    pub how: Bilingual,
    /// The law's short name.
    #[n(3)]
    pub law: String,
    /// The article.
    #[n(4)]
    pub article: String,
    /// What to write down when it is not so: a fact, no conclusion.
    #[n(5)]
    pub fault: Bilingual,
    /// What to demand then.
    #[n(6)]
    pub remedy: Bilingual,
}

decode_array!(CheckItem {
    id,
    text,
    how,
    law,
    article,
    fault,
    remedy
});

/// One year's holidays and make-up working days, as the State Council's notice gives them.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct CalendarYear {
    /// The year.
    #[n(0)]
    pub year: i16,
    /// Days off that are not already Saturdays or Sundays, and those that are: every day off by the notice.
    #[n(1)]
    pub holidays: Vec<Day>,
    /// Saturdays and Sundays that are worked.
    #[n(2)]
    pub workdays: Vec<Day>,
}

decode_array!(CalendarYear {
    year,
    holidays,
    workdays
});

/// A date in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct Day(#[cbor(n(0), with = "date_cbor")] pub Date);

/// A task that was assigned on the console.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Task {
    /// Which.
    #[n(0)]
    pub id: TaskId,
    /// The record that will carry it out; its approval is already in that record's log.
    #[n(1)]
    pub record: RecordId,
    /// The procedure and its version.
    #[n(2)]
    pub procedure: ProcedureId,
    /// The procedure's version.
    #[n(3)]
    pub version: u32,
    /// The office.
    #[n(4)]
    pub unit: UnitId,
    /// Whom to inspect.
    #[n(5)]
    pub subject: SubjectId,
    /// The matter, by code on the power list.
    #[n(6)]
    pub matter: String,
    /// Who goes.
    #[n(7)]
    pub officers: Vec<OfficerId>,
    /// The day it is planned for.
    #[cbor(n(8), with = "date_cbor")]
    pub planned: Date,
    /// What the squad lead wants to have looked at.
    #[n(9)]
    pub note: String,
    /// When it was approved and by whom, if it was.
    #[n(10)]
    pub approval: Option<Approval>,
}

decode_array!(Task {
    id,
    record,
    procedure,
    version,
    unit,
    subject,
    matter,
    officers,
    planned: with(date_cbor::decode),
    note,
    approval
});

/// A task's approval, for showing; the fact itself is an event of the record.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Approval {
    /// By whom.
    #[n(0)]
    pub by: OfficerId,
    /// When.
    #[n(1)]
    pub at: Instant,
}

decode_array!(Approval { by, at });

/// A feed's public key: what a reader checks commits of others with.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Feed {
    /// Which feed.
    #[n(0)]
    pub id: FeedId,
    /// Ed25519 public key.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub key: [u8; 32],
    /// The officer it was enrolled for; none for the server's own.
    #[n(2)]
    pub officer: Option<OfficerId>,
}

decode_array!(Feed {
    id,
    key: bytes,
    officer
});

#[cfg(test)]
mod tests;
