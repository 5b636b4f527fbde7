//! Typed identifiers: sixteen bytes inside, hyphenated text outside.
//! Apart so that no identifier is ever made from a hidden clock or generator: the caller gives both.

use std::fmt;
use std::str::FromStr;

/// An identifier's text could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of 32 hexadecimal digits")]
pub struct BadId;

/// Defines one typed identifier: bytes, text, order, CBOR (a byte string of 16) and serde (text).
macro_rules! define_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// A time-ordered identifier (UUID version 7, RFC 9562) of the given Unix milliseconds and random bytes.
            #[must_use]
            pub fn new_v7(millis: u64, random: &[u8; 10]) -> Self {
                Self(*uuid::Builder::from_unix_timestamp_millis(millis, random).as_uuid().as_bytes())
            }

            /// The identifier of these bytes, taken as they are.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The sixteen bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                uuid::Uuid::from_bytes(self.0).as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                uuid::Uuid::try_parse(text).map(|id| Self(id.into_bytes())).map_err(|_| BadId)
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = BadId;
            fn try_from(bytes: &[u8]) -> Result<Self, BadId> {
                bytes.try_into().map(Self).map_err(|_| BadId)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                Self::try_from(d.bytes()?).map_err(|_| minicbor::decode::Error::message("id of 16 bytes"))
            }
        }
    };
}

define_id!(
    /// One inspection or case: the unit of the log that is folded and judged.
    RecordId
);
define_id!(
    /// One installation's log. Never reused: reinstalling, restoring or losing storage makes a new one.
    FeedId
);
define_id!(
    /// A person who enforces, approves, reviews or supervises.
    OfficerId
);
define_id!(
    /// An office: a township's enforcement squad or the county's supervision section.
    UnitId
);
define_id!(
    /// An inspected party: an enterprise, a sole trader or a person.
    SubjectId
);
define_id!(
    /// A task that was assigned to officers.
    TaskId
);
define_id!(
    /// A training session: a course or a drill.
    SessionId
);
define_id!(
    /// A block of document numbers (号段) that one device was given.
    NumberBlockId
);
define_id!(
    /// The server's incarnation: a restored server has another epoch, so that cursors into lost history are refused.
    Epoch
);

/// Defines a short code that people read: a step, a rule, a procedure.
macro_rules! define_code {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The code of this text.
            ///
            /// # Errors
            /// [`BadCode`] unless it is 1 to 32 characters of `A-Z a-z 0-9 . _ -`.
            pub fn new(text: &str) -> Result<Self, BadCode> {
                let fits = (1..=32).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
                if fits { Ok(Self(text.into())) } else { Err(BadCode) }
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadCode;
            fn from_str(text: &str) -> Result<Self, BadCode> {
                Self::new(text)
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.str(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                Self::new(d.str()?).map_err(|_| minicbor::decode::Error::message("code"))
            }
        }
    };
}

/// A code's text could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a code of 1 to 32 letters, digits, dots, underscores or hyphens")]
pub struct BadCode;

define_code!(
    /// A step of a procedure, such as `JC-10`.
    StepId
);
define_code!(
    /// A rule (`R09`) or a step's own check (`JC-16.late`).
    RuleId
);
define_code!(
    /// A procedure, such as `XZJC`.
    ProcedureId
);
define_code!(
    /// A jurisdiction file, such as `henan-sample`.
    JurisdictionId
);
define_code!(
    /// A field of a step, such as `place`.
    FieldId
);
define_code!(
    /// A competency, such as `K01`.
    CompetencyId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes_agree() {
        let id = RecordId::new_v7(1_790_000_000_000, &[7; 10]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(RecordId::try_from(&id.as_bytes()[..]), Ok(id));
        assert_eq!("nonsense".parse::<RecordId>(), Err(BadId));
    }

    #[test]
    fn later_ids_sort_later() {
        let first = RecordId::new_v7(1_790_000_000_000, &[255; 10]);
        assert!(first < RecordId::new_v7(1_790_000_000_001, &[0; 10]));
    }

    #[test]
    fn codes_refuse_what_people_do_not_type() {
        assert!(StepId::new("JC-10").is_ok());
        assert_eq!(StepId::new(""), Err(BadCode));
        assert_eq!(StepId::new("步骤"), Err(BadCode));
        assert_eq!(StepId::new(&"x".repeat(33)), Err(BadCode));
    }
}
