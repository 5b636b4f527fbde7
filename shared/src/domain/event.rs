//! The closed, append-only list of facts that can be recorded, and their bytes.
//! Apart because these bytes are signed and kept for ever. **Frozen**: changing a field's position or type breaks every
//! record ever stored; add a schema number and an upcast instead.
//!
//! The kinds are procedure-neutral: a new procedure is data and needs no new kind.

use crate::codec::{self, BadBytes, decode_array, decode_variants};
use crate::id::{
    FeedId, FieldId, OfficerId, ProcedureId, RecordId, RuleId, StepId, SubjectId, TaskId, UnitId,
};
use crate::instant::Instant;
use minicbor::{Decode, Encode};

mod step;

/// The longest body of one event, in bytes.
pub const MAX_BODY_BYTES: usize = 16 * 1024;
/// The longest text in one field, in characters.
pub const MAX_TEXT_CHARS: usize = 4_000;
/// The longest strokes of a signature, in bytes.
pub const MAX_DRAWING_BYTES: usize = 8 * 1024;
/// The largest picture as kept, in bytes.
pub const MAX_PHOTO_BYTES: usize = 300 * 1024;

/// Something that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When it was entered, by the device's clock.
    pub recorded_at: Instant,
    /// When it is said to have happened, if not then: a late entry (补录) is normal and stays visible.
    pub happened_at: Option<Instant>,
    /// What.
    pub fact: Fact,
}

impl Event {
    /// When it happened: as claimed, else when it was entered.
    #[must_use]
    pub fn at(&self) -> Instant {
        self.happened_at.unwrap_or(self.recorded_at)
    }
}

/// Where an event stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[cbor(array)]
pub struct EventRef {
    /// The feed that sealed it.
    #[n(0)]
    pub feed: FeedId,
    /// The commit's number in the feed, from 1.
    #[n(1)]
    pub seq: u64,
    /// The event's place in the commit, from 0.
    #[n(2)]
    pub index: u8,
}

decode_array!(EventRef { feed, seq, index });

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Outcome {
    /// It was done.
    #[n(0)]
    Done,
    /// It does not apply here; the note says why.
    #[n(1)]
    NotApplicable,
    /// It was not done; the note says why.
    #[n(2)]
    NotDone,
}

/// What kind of thing shows that a step happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum EvidenceKind {
    /// The file number of a body camera or other recorder.
    #[n(0)]
    Recording,
    /// The party confirmed on this screen that it happened.
    #[n(1)]
    PartyConfirmation,
    /// A photo in the blob store.
    #[n(2)]
    Photo,
    /// A paper document, named by its title or number.
    #[n(3)]
    Paper,
}

/// In which capacity somebody signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum SignerRole {
    /// One of the acting officers.
    #[n(0)]
    Officer,
    /// The inspected party.
    #[n(1)]
    Party,
    /// A witness.
    #[n(2)]
    Witness,
}

/// How it was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum SignMethod {
    /// An officer's PIN, checked on this device.
    #[n(0)]
    Pin,
    /// The signer confirmed on this screen.
    #[n(1)]
    Screen,
    /// Drawn with a finger.
    #[n(2)]
    Drawn,
    /// On paper.
    #[n(3)]
    Paper,
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Encode)]
pub enum Value {
    /// Free text.
    #[n(0)]
    Text(#[n(0)] String),
    /// A whole number, in the unit that its field's label names.
    #[n(1)]
    Int(#[n(0)] i64),
    /// Yes or no.
    #[n(2)]
    Bool(#[n(0)] bool),
    /// A point in time.
    #[n(3)]
    At(#[n(0)] Instant),
    /// One of the field's choices, by code.
    #[n(4)]
    Choice(#[n(0)] String),
    /// Officers.
    #[n(5)]
    Officers(#[n(0)] Vec<OfficerId>),
}

decode_variants!(Value {
    0 => Text { 0 },
    1 => Int { 0 },
    2 => Bool { 0 },
    3 => At { 0 },
    4 => Choice { 0 },
    5 => Officers { 0 }
});

/// A record was opened.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Opened {
    /// The procedure that it follows.
    #[n(0)]
    pub procedure: ProcedureId,
    /// The procedure's version, frozen for this record.
    #[n(1)]
    pub version: u32,
    /// The office that acts.
    #[n(2)]
    pub unit: UnitId,
    /// The inspected party, if it is in the list.
    #[n(3)]
    pub subject: Option<SubjectId>,
    /// Its name as written on documents.
    #[n(4)]
    pub subject_name: String,
    /// Where.
    #[n(5)]
    pub place: String,
    /// The matter (事项) on the power list, by code.
    #[n(6)]
    pub matter: String,
    /// The task that asked for it.
    #[n(7)]
    pub task: Option<TaskId>,
    /// Why it could not wait for approval (紧急情况), if so.
    #[n(8)]
    pub urgent: Option<String>,
    /// The officers assigned.
    #[n(9)]
    pub officers: Vec<OfficerId>,
}

decode_array!(Opened {
    procedure,
    version,
    unit,
    subject,
    subject_name,
    place,
    matter,
    task,
    urgent,
    officers
});

/// A step ended.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct StepRecorded {
    /// Which step.
    #[n(0)]
    pub step: StepId,
    /// How.
    #[n(1)]
    pub outcome: Outcome,
    /// Why, where the outcome asks for a reason; or a remark.
    #[n(2)]
    pub note: String,
}

decode_array!(StepRecorded {
    step,
    outcome,
    note
});

/// A field of a step got a value.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct FieldAnswered {
    /// Which step.
    #[n(0)]
    pub step: StepId,
    /// Which field.
    #[n(1)]
    pub field: FieldId,
    /// The value.
    #[n(2)]
    pub value: Value,
}

decode_array!(FieldAnswered { step, field, value });

/// Something that shows a step happened.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct EvidenceAdded {
    /// Which step.
    #[n(0)]
    pub step: StepId,
    /// What kind.
    #[n(1)]
    pub evidence: EvidenceKind,
    /// File number, name of who confirmed, title of the paper, or what a photo shows.
    #[n(2)]
    pub reference: String,
    /// The picture, where there is one: of a [`EvidenceKind::Photo`] always, of a [`EvidenceKind::Paper`] perhaps.
    #[n(3)]
    pub photo: Option<Photo>,
}

decode_array!(EvidenceAdded {
    step,
    evidence,
    reference,
    photo
});

/// A picture in the blob store, and what is known of how it was taken (行政诉讼证据规定 12: carrier, maker, time).
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Photo {
    /// SHA-256 of the picture as kept: shrunk, without EXIF.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub hash: [u8; 32],
    /// Its length in bytes.
    #[n(1)]
    pub len: u32,
    /// SHA-256 of the file as the camera gave it.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub original: [u8; 32],
    /// When that file was made, by its own account.
    #[n(3)]
    pub taken_at: Option<Instant>,
    /// Where the phone says it is.
    #[n(4)]
    pub fix: Option<Fix>,
    /// Where the officer says it is: typed where there is no fix.
    #[n(5)]
    pub place: String,
}

decode_array!(Photo {
    hash: bytes,
    len,
    original: bytes,
    taken_at,
    fix,
    place
});

/// A position (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode)]
#[cbor(array)]
pub struct Fix {
    /// Latitude in millionths of a degree.
    #[n(0)]
    pub lat_e6: i32,
    /// Longitude in millionths of a degree.
    #[n(1)]
    pub lon_e6: i32,
    /// Radius in metres within which the phone is with 95 % confidence.
    #[n(2)]
    pub accuracy_m: u32,
}

decode_array!(Fix {
    lat_e6,
    lon_e6,
    accuracy_m
});

/// Somebody signed.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Signed {
    /// Which step's document.
    #[n(0)]
    pub step: StepId,
    /// In which capacity.
    #[n(1)]
    pub role: SignerRole,
    /// Which officer, if one.
    #[n(2)]
    pub officer: Option<OfficerId>,
    /// The name of whoever signed.
    #[n(3)]
    pub name: String,
    /// How.
    #[n(4)]
    pub method: SignMethod,
    /// SHA-256 of the document as shown, so that a later change is seen.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub document: Option<[u8; 32]>,
    /// The strokes of a [`SignMethod::Drawn`] as SVG path data (`M`, `L`, whole numbers) in a box of 600 × 240.
    #[n(6)]
    pub drawing: Option<String>,
}

decode_array!(Signed {
    step,
    role,
    officer,
    name,
    method,
    document: bytes,
    drawing
});

/// The party refused to sign or to receive.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Refused {
    /// Which step.
    #[n(0)]
    pub step: StepId,
    /// The reason, as given or as seen.
    #[n(1)]
    pub reason: String,
    /// The witness's name, if there was one.
    #[n(2)]
    pub witness: Option<String>,
    /// The recording's file number, if there is one.
    #[n(3)]
    pub recording: Option<String>,
}

decode_array!(Refused {
    step,
    reason,
    witness,
    recording
});

/// The party's statement or defence was heard.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct StatementHeard {
    /// Which step.
    #[n(0)]
    pub step: StepId,
    /// What the party said.
    #[n(1)]
    pub words: String,
    /// What was answered, with the reason for adopting it or not.
    #[n(2)]
    pub answer: String,
}

decode_array!(StatementHeard {
    step,
    words,
    answer
});

/// An approval was given or denied.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Approved {
    /// Which step.
    #[n(0)]
    pub step: StepId,
    /// By whom.
    #[n(1)]
    pub approver: OfficerId,
    /// Given, or denied.
    #[n(2)]
    pub granted: bool,
    /// The approver's words.
    #[n(3)]
    pub note: String,
}

decode_array!(Approved {
    step,
    approver,
    granted,
    note
});

/// A document reached the party.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Served {
    /// Which step.
    #[n(0)]
    pub step: StepId,
    /// Which document, by title or number.
    #[n(1)]
    pub document: String,
    /// How: on site, post, notice …, by code.
    #[n(2)]
    pub method: String,
    /// Who received it.
    #[n(3)]
    pub receiver: String,
}

decode_array!(Served {
    step,
    document,
    method,
    receiver
});

/// A decision was made.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Decided {
    /// Which step.
    #[n(0)]
    pub step: StepId,
    /// The document's number.
    #[n(1)]
    pub number: String,
    /// What was decided, by code.
    #[n(2)]
    pub content: String,
    /// The amount in fen, if money.
    #[n(3)]
    pub amount: Option<i64>,
}

decode_array!(Decided {
    step,
    number,
    content,
    amount
});

/// Another record belongs to this one.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Linked {
    /// Which record.
    #[n(0)]
    pub other: RecordId,
    /// How they are related, by code.
    #[n(1)]
    pub relation: String,
}

decode_array!(Linked { other, relation });

/// An earlier event is withdrawn; what is right follows as new events.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Amended {
    /// Which event no longer counts.
    #[n(0)]
    pub target: EventRef,
    /// Why.
    #[n(1)]
    pub reason: String,
}

decode_array!(Amended { target, reason });

/// The officer handed the record in.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Submitted {
    /// A remark.
    #[n(0)]
    pub note: String,
}

decode_array!(Submitted { note });

/// A supervisor returned the record for correction.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Returned {
    /// Steps to look at.
    #[n(0)]
    pub steps: Vec<StepId>,
    /// What to correct.
    #[n(1)]
    pub comment: String,
    /// What to correct at single steps.
    #[n(2)]
    pub notes: Option<Vec<StepNote>>,
}

decode_array!(Returned {
    steps,
    comment,
    notes
});

/// A supervisor's words about one step.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct StepNote {
    /// Which step.
    #[n(0)]
    pub step: StepId,
    /// What to correct there.
    #[n(1)]
    pub words: String,
}

decode_array!(StepNote { step, words });

/// What a supervisor can say of a suspected gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Verdict {
    /// Please explain (请作出说明).
    #[n(0)]
    Asked,
    /// It is one (认定成立).
    #[n(1)]
    Upheld,
    /// It is none (认定不成立); the words say why.
    #[n(2)]
    Dismissed,
}

/// A supervisor said something of a suspected gap: of all that this rule found at this step.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Reviewed {
    /// At which step the gap is.
    #[n(0)]
    pub step: StepId,
    /// Which rule found it.
    #[n(1)]
    pub rule: RuleId,
    /// What was said.
    #[n(2)]
    pub verdict: Verdict,
    /// In the supervisor's words.
    #[n(3)]
    pub words: String,
}

decode_array!(Reviewed {
    step,
    rule,
    verdict,
    words
});

/// The officer explained a suspected gap.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Explained {
    /// At which step the gap is.
    #[n(0)]
    pub step: StepId,
    /// Which rule found it.
    #[n(1)]
    pub rule: RuleId,
    /// The explanation.
    #[n(2)]
    pub words: String,
}

decode_array!(Explained { step, rule, words });

/// The record was opened by mistake and counts for nothing; it stays readable.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
#[cbor(array)]
pub struct Voided {
    /// Why.
    #[n(0)]
    pub reason: String,
}

decode_array!(Voided { reason });

/// Lists every kind once: number, schema, name. The numbers are frozen. `(1 without photo)`: an optional field was added at
/// the end; where it is absent the bytes are those of the old schema and are written as such, so that older builds read them.
macro_rules! facts {
    ($($(#[$doc:meta])* $kind:literal $schema:literal $name:ident $(($old:literal without $field:ident))?,)*) => {
        /// What was recorded.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Fact {
            $($(#[$doc])* $name($name),)*
            /// Written by a newer build: kept, passed on and shown as "update needed".
            Unknown {
                /// The kind's number.
                kind: u8,
                /// The kind's schema.
                schema: u8,
            },
        }

        $(impl From<$name> for Fact {
            fn from(fact: $name) -> Self {
                Self::$name(fact)
            }
        })*

        impl Fact {
            /// The number of this kind and of its schema, as the commit header carries them.
            #[must_use]
            pub const fn kind(&self) -> (u8, u8) {
                match self {
                    $(Self::$name(_fact) => {
                        $(if _fact.$field.is_none() {
                            return ($kind, $old);
                        })?
                        ($kind, $schema)
                    })*
                    Self::Unknown { kind, schema } => (*kind, *schema),
                }
            }

            /// The kind's name, for message keys (`event.Signed`).
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name),)*
                    Self::Unknown { .. } => "Unknown",
                }
            }
        }

        impl Event {
            /// The body's bytes: recorded, happened, fact. An unknown fact has none.
            #[must_use]
            pub fn encode(&self) -> Vec<u8> {
                match &self.fact {
                    $(Fact::$name(fact) => {
                        codec::encode(&Body { recorded_at: self.recorded_at, happened_at: self.happened_at, fact })
                    })*
                    Fact::Unknown { .. } => Vec::new(),
                }
            }

            /// The event of these bytes. A kind or schema that this build does not know gives [`Fact::Unknown`].
            ///
            /// # Errors
            /// [`BadBytes`] if the kind is known and the bytes are not its canonical encoding, or longer than [`MAX_BODY_BYTES`].
            pub fn decode(kind: u8, schema: u8, bytes: &[u8]) -> Result<Self, BadBytes> {
                if bytes.len() > MAX_BODY_BYTES {
                    return Err(BadBytes::TooLong);
                }
                match (kind, schema) {
                    $(($kind, $schema $(| $old)?) => {
                        let body: Body<$name> = codec::decode(bytes)?;
                        Ok(Self { recorded_at: body.recorded_at, happened_at: body.happened_at, fact: body.fact.into() })
                    })*
                    _ => Ok(Self {
                        recorded_at: Instant::from_millis(0),
                        happened_at: None,
                        fact: Fact::Unknown { kind, schema },
                    }),
                }
            }
        }
    };
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Body<F> {
    #[n(0)]
    recorded_at: Instant,
    #[n(1)]
    happened_at: Option<Instant>,
    #[n(2)]
    fact: F,
}

facts! {
    /// A record was opened.
    1 1 Opened,
    /// A step ended.
    2 1 StepRecorded,
    /// A field got a value.
    3 1 FieldAnswered,
    /// Evidence was added.
    4 2 EvidenceAdded (1 without photo),
    /// Somebody signed.
    5 2 Signed (1 without drawing),
    /// The party refused.
    6 1 Refused,
    /// The party was heard.
    7 1 StatementHeard,
    /// An approval was given or denied.
    8 1 Approved,
    /// A document was served.
    9 1 Served,
    /// A decision was made.
    10 1 Decided,
    /// Another record was linked.
    11 1 Linked,
    /// An earlier event was withdrawn.
    12 1 Amended,
    /// The record was handed in.
    13 1 Submitted,
    /// The record was returned for correction.
    14 2 Returned (1 without notes),
    /// The record was voided.
    15 1 Voided,
    /// A supervisor said something of a suspected gap.
    16 1 Reviewed,
    /// The officer explained a suspected gap.
    17 1 Explained,
}

#[cfg(test)]
mod tests;
