//! A jurisdiction's thresholds and duties as data: what a province or county sets, never code.
//! Apart because the same national procedure is judged by other figures elsewhere.

use crate::codec::decode_array;
use crate::rules::calendar::{Limit, Unit};
use crate::rules::file::{self, BadFile};
use crate::text::Bilingual;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A figure that a rule takes from the jurisdiction.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum LocalLimit {
    /// Approval of an urgent inspection, after it began.
    #[n(0)]
    UrgentApproval,
    /// Late entry of the inspection code (扫码补录), after the visit.
    #[n(1)]
    LateScan,
    /// Telling the result, after the visit.
    #[n(2)]
    TellResult,
    /// Disposition of a finding, after the visit.
    #[n(3)]
    Disposition,
    /// Publishing the result, after the visit.
    #[n(4)]
    Publish,
    /// Archiving the file, after the visit.
    #[n(5)]
    Archive,
    /// Serving the order to correct, after it was made.
    #[n(6)]
    ServeOrder,
    /// Re-inspection, after the time for correction ran out.
    #[n(7)]
    Recheck,
}

/// A duty that a jurisdiction has or has not.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Encode, Decode,
)]
#[serde(rename_all = "snake_case")]
#[cbor(index_only)]
pub enum LocalFlag {
    /// Officers scan or show a code before inspecting an enterprise (扫码入企、亮码入企).
    #[n(0)]
    ScanRequired,
    /// Every field check is recorded in sound and picture (全过程音像记录清单).
    #[n(1)]
    RecordingRequired,
}

/// A jurisdiction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct Jurisdiction {
    /// Such as `henan-sample`.
    #[n(0)]
    pub id: String,
    /// Its name.
    #[n(1)]
    pub name: Bilingual,
    /// Duties that it has.
    #[serde(default)]
    #[n(2)]
    pub flags: Vec<LocalFlag>,
    /// Figures; each must be there.
    #[n(3)]
    pub limits: Limits,
    /// Inspections of one enterprise in one year, at most; a routine one beyond it is told to the supervisor (R07).
    #[n(4)]
    pub yearly_inspections: u32,
    /// Who decides on reconsideration against a township's act (行政复议法 24): full name; empty where not known.
    #[serde(default)]
    #[n(5)]
    pub reconsideration_body: Bilingual,
    /// The court of first instance: full name; empty where not known.
    #[serde(default)]
    #[n(6)]
    pub court: Bilingual,
    /// A clock or a file's own time may differ by so many minutes before it is remarked on (R22).
    #[n(7)]
    pub clock_skew_minutes: u32,
    /// From which amounts on a fine or confiscation gives a right to a hearing (R33); none where not known: then only what the
    /// office itself names counts.
    #[serde(default)]
    #[n(8)]
    pub hearing: Option<HearingAmounts>,
}

decode_array!(Jurisdiction {
    id,
    name,
    flags,
    limits,
    yearly_inspections,
    reconsideration_body,
    court,
    clock_skew_minutes,
    hearing
});

/// 听证标准: what is a larger amount here (行政处罚法 63 leaves it to others), in yuan; the amount itself is included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[cbor(array)]
pub struct HearingAmounts {
    /// For a citizen.
    #[n(0)]
    pub citizen: u32,
    /// For an organisation.
    #[n(1)]
    pub organisation: u32,
}

decode_array!(HearingAmounts {
    citizen,
    organisation
});

/// Every figure of [`LocalLimit`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each is its `LocalLimit`")]
#[cbor(array)]
pub struct Limits {
    #[n(0)]
    pub urgent_approval: Limit,
    #[n(1)]
    pub late_scan: Limit,
    #[n(2)]
    pub tell_result: Limit,
    #[n(3)]
    pub disposition: Limit,
    #[n(4)]
    pub publish: Limit,
    #[n(5)]
    pub archive: Limit,
    #[n(6)]
    pub serve_order: Limit,
    #[n(7)]
    pub recheck: Limit,
}

decode_array!(Limits {
    urgent_approval,
    late_scan,
    tell_result,
    disposition,
    publish,
    archive,
    serve_order,
    recheck
});

/// The jurisdictions that are shipped: samples, to be replaced by a county's own.
const SHIPPED: [&str; 2] = [
    include_str!("../../data/jurisdictions/henan-sample.toml"),
    include_str!("../../data/jurisdictions/shenzhen-sample.toml"),
];

/// The sample jurisdictions, the demo's first.
#[must_use]
pub fn shipped() -> Vec<Jurisdiction> {
    // A test reads each of them, so none is left out.
    SHIPPED
        .iter()
        .filter_map(|text| Jurisdiction::parse(text).ok())
        .collect()
}

impl Jurisdiction {
    /// Reads a jurisdiction file.
    ///
    /// # Errors
    /// [`BadFile`] with the place of the first fault.
    pub fn parse(text: &str) -> Result<Self, BadFile> {
        file::read(text)
    }

    /// The figure.
    #[must_use]
    pub const fn limit(&self, which: LocalLimit) -> Limit {
        let limits = &self.limits;
        match which {
            LocalLimit::UrgentApproval => limits.urgent_approval,
            LocalLimit::LateScan => limits.late_scan,
            LocalLimit::TellResult => limits.tell_result,
            LocalLimit::Disposition => limits.disposition,
            LocalLimit::Publish => limits.publish,
            LocalLimit::Archive => limits.archive,
            LocalLimit::ServeOrder => limits.serve_order,
            LocalLimit::Recheck => limits.recheck,
        }
    }

    /// As JSON, for programs that look at the data as data.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A tree of strings and numbers always has a JSON text.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`Jurisdiction::to_json`] wrote.
    ///
    /// # Errors
    /// Not such a text.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

impl Default for Jurisdiction {
    /// Cautious national defaults, for a record whose jurisdiction has not arrived.
    fn default() -> Self {
        let limit = |n, unit| Limit { n, unit };
        Self {
            id: "default".to_owned(),
            name: Bilingual {
                zh: "缺省".to_owned(),
                en: "Default".to_owned(),
            },
            flags: Vec::new(),
            limits: Limits {
                urgent_approval: limit(24, Unit::Hour),
                late_scan: limit(10, Unit::CalendarDay),
                tell_result: limit(5, Unit::WorkingDay),
                disposition: limit(0, Unit::CalendarDay),
                publish: limit(20, Unit::WorkingDay),
                archive: limit(30, Unit::CalendarDay),
                serve_order: limit(2, Unit::WorkingDay),
                recheck: limit(10, Unit::WorkingDay),
            },
            yearly_inspections: 2,
            clock_skew_minutes: 10,
            reconsideration_body: Bilingual::default(),
            court: Bilingual::default(),
            hearing: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_are_read_and_differ() {
        for text in SHIPPED {
            let read = Jurisdiction::parse(text).unwrap();
            assert_eq!(Jurisdiction::from_json(&read.to_json()).unwrap(), read);
        }
        let [henan, shenzhen] = &shipped()[..] else {
            panic!("two samples");
        };
        assert!(henan.name.zh.contains("示例") && shenzhen.name.zh.contains("示例"));
        assert!(shenzhen.flags.contains(&LocalFlag::ScanRequired));
        assert!(!henan.flags.contains(&LocalFlag::ScanRequired));
        assert_ne!(
            henan.limit(LocalLimit::Recheck),
            shenzhen.limit(LocalLimit::Recheck)
        );
    }

    #[test]
    fn a_fault_is_named_with_its_place() {
        let [henan, _] = SHIPPED;
        assert!(
            shipped()
                .iter()
                .all(|place| place.court.zh.contains("法院"))
        );
        let bad = Jurisdiction::parse(&henan.replace("\"hour\"", "\"minute\"")).unwrap_err();
        let line = henan.lines().position(|l| l.starts_with("urgent")).unwrap() + 1;
        assert_eq!((bad.line, bad.column), (line, 36), "{bad}");
        let bad = Jurisdiction::parse(&henan.replace("archive =", "attic =")).unwrap_err();
        assert!(bad.what.contains("unknown field"), "{bad}");
    }
}
