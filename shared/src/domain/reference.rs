//! Reference data: what the office knows and the phone carries along to judge and to fill in.
//! Apart because these rows travel as versioned sets beside the log and are the context of every assessment.

use crate::id::{FeedId, OfficerId, ProcedureId, RecordId, SubjectId, TaskId, UnitId};
use crate::instant::{Instant, date_cbor};
use jiff::civil::Date;
use minicbor::{Decode, Encode};

/// The sets, in the order in which headers name their versions. The numbers are frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum RefSet {
    /// [`Officer`] by officer id.
    #[n(0)]
    Officers,
    /// [`Unit`] by unit id.
    #[n(1)]
    Units,
    /// [`Subject`] by subject id.
    #[n(2)]
    Subjects,
    /// [`PowerItem`] by code.
    #[n(3)]
    Power,
    /// [`ProcedureFile`] by `ID@version`.
    #[n(4)]
    Procedures,
    /// [`CalendarYear`] by year.
    #[n(5)]
    Calendar,
    /// [`JurisdictionFile`] by id.
    #[n(6)]
    Jurisdictions,
    /// [`Task`] by task id.
    #[n(7)]
    Tasks,
    /// [`Feed`] by feed id.
    #[n(8)]
    Feeds,
}

impl RefSet {
    /// Every set.
    pub const ALL: [Self; 9] = [
        Self::Officers,
        Self::Units,
        Self::Subjects,
        Self::Power,
        Self::Procedures,
        Self::Calendar,
        Self::Jurisdictions,
        Self::Tasks,
        Self::Feeds,
    ];

    /// The number in storage and on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The set of this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.number() == number)
    }
}

/// An enforcement certificate (行政执法证).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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

/// What a phone needs to check an officer's PIN offline. See docs/THREATS.md for what six digits withstand.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Unit {
    /// Which.
    #[n(0)]
    pub id: UnitId,
    /// Its name on documents.
    #[n(1)]
    pub name: String,
}

/// What kind of party a subject is: time limits and caps depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
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
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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

/// Where a power comes from (权力来源): decides what may be done at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
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

/// A matter on the power list (权责清单).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PowerItem {
    /// Such as `M12`.
    #[n(0)]
    pub code: String,
    /// The matter's name.
    #[n(1)]
    pub name: String,
    /// Where the power comes from.
    #[n(2)]
    pub source: PowerSource,
    /// The articles.
    #[n(3)]
    pub basis: String,
}

/// A procedure as its file's text.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ProcedureFile {
    /// Which procedure.
    #[n(0)]
    pub id: ProcedureId,
    /// Which version.
    #[n(1)]
    pub version: u32,
    /// TOML.
    #[n(2)]
    pub toml: String,
}

/// One year's holidays and make-up working days, as the State Council's notice gives them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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

/// A date in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct Day(#[cbor(n(0), with = "date_cbor")] pub Date);

/// A jurisdiction's thresholds as its file's text.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct JurisdictionFile {
    /// Such as `henan-sample`.
    #[n(0)]
    pub id: String,
    /// TOML.
    #[n(1)]
    pub toml: String,
}

/// A task that was assigned on the console.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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

/// A task's approval, for showing; the fact itself is an event of the record.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Approval {
    /// By whom.
    #[n(0)]
    pub by: OfficerId,
    /// When.
    #[n(1)]
    pub at: Instant,
}

/// A feed's public key: what a reader checks commits of others with.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
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
