//! What is known beside the record: party, power list, jurisdiction, checklist, other records.
//! Apart because these lines become the context of the assessment, not facts of the record.

use super::super::{Case, Fault};
use super::line::Line;
use super::{Read, Reader};
use crate::domain::event::Fact;
use crate::domain::reference::{
    Basis, CheckItem, Checklist, PowerItem, PowerSource, Precondition, Subject, SubjectKind,
};
use crate::id::{FieldId, RecordId, SubjectId};
use crate::rules::check::{Correction, Elsewhere, OtherVisit};
use crate::rules::jurisdiction::{self, Jurisdiction, LocalFlag};
use crate::text::Bilingual;
use jiff::civil::Date;

const SUBJECT: SubjectId = SubjectId::from_bytes([1; 16]);
/// The matter of a case that names none.
const MATTER: &str = "M01";

impl<'p> Reader<'p> {
    /// The case, with what it leaves out: without a `power` line the matter stands on the list, listed, as the office's own.
    pub(super) fn finish(mut self) -> Case<'p> {
        let matter = self.matter.unwrap_or_else(|| MATTER.to_owned());
        if !self.power {
            let item = power_item(&matter, PowerSource::S1, Date::MIN);
            self.case.power.push(item);
        }
        self.case.power.retain(|item| item.code == matter);
        if let Some(flags) = self.flags {
            self.case.jurisdiction.flags = flags;
        }
        let subject = self.case.subject.as_ref().map(|subject| subject.id);
        for entry in &mut self.case.entries {
            if let Fact::Opened(opened) = &mut entry.event.fact {
                opened.matter.clone_from(&matter);
                opened.subject = subject;
            }
        }
        self.case
    }

    pub(super) fn party(&mut self, line: &mut Line<'_>) -> Read<()> {
        let word = line.word()?;
        let kind = match word {
            "organisation" | "企业" => SubjectKind::Organisation,
            "sole-trader" | "个体户" => SubjectKind::SoleTrader,
            "citizen" | "公民" => SubjectKind::Citizen,
            _ => return Err(line.bad(Fault::Party, word)),
        };
        self.case.subject = Some(Subject {
            id: SUBJECT,
            name: "示例商店".to_owned(),
            kind,
            address: "示例镇示例街1号".to_owned(),
            contact: "王某".to_owned(),
        });
        Ok(())
    }

    /// `M12 S2 2026-01-01 [.. 2026-12-31] [listed|not-listed] [after-correction]`, or `none`.
    pub(super) fn power(&mut self, line: &mut Line<'_>) -> Read<()> {
        self.power = true;
        if line.takes("none", "无") {
            return Ok(());
        }
        let code = line.word()?;
        let word = line.word()?;
        let source = match word {
            "S1" => PowerSource::S1,
            "S2" => PowerSource::S2,
            "S3" => PowerSource::S3,
            "S4" => PowerSource::S4,
            _ => return Err(line.bad(Fault::Power, word)),
        };
        let mut item = power_item(code, source, line.date()?);
        if line.takes("..", "至") {
            item.to = Some(line.date()?);
        }
        item.listed = !line.takes("not-listed", "未列入");
        if item.listed {
            line.takes("listed", "列入");
        }
        if line.takes("after-correction", "先责改") {
            item.precondition = Precondition::AfterFailedCorrection;
        }
        self.case.power.push(item);
        Ok(())
    }

    /// `M16 LAW FORBIDS PENALISES [from DAY] [.. DAY]`: a basis of the matter and the conduct that it governs.
    pub(super) fn article(&mut self, line: &mut Line<'_>) -> Read<()> {
        let code = line.word()?;
        if !self.case.power.iter().any(|item| item.code == code) {
            return Err(line.bad(Fault::Matter, code));
        }
        let mut basis = Basis {
            law: line.word()?.to_owned(),
            prohibits: line.word()?.to_owned(),
            penalises: line.word()?.to_owned(),
            from: None,
            to: None,
        };
        if line.takes("from", "自") {
            basis.from = Some(line.date()?);
        }
        if line.takes("..", "至") {
            basis.to = Some(line.date()?);
        }
        let rows = self.case.power.iter_mut();
        for item in rows.filter(|item| item.code == code) {
            item.bases.push(basis.clone());
        }
        Ok(())
    }

    pub(super) fn jurisdiction(&mut self, line: &mut Line<'_>) -> Read<()> {
        let word = line.word()?;
        let mut known = std::iter::once(Jurisdiction::default()).chain(jurisdiction::shipped());
        let found = known.find(|jurisdiction| jurisdiction.id == word);
        self.case.jurisdiction = found.ok_or_else(|| line.bad(Fault::Jurisdiction, word))?;
        Ok(())
    }

    pub(super) fn duties(&mut self, line: &mut Line<'_>) -> Read<()> {
        let flags = self.flags.get_or_insert_default();
        if line.takes("none", "无") {
            flags.clear();
            return Ok(());
        }
        loop {
            let word = line.word()?;
            flags.push(match word {
                "scan" | "扫码" => LocalFlag::ScanRequired,
                "recording" | "音像" => LocalFlag::RecordingRequired,
                _ => return Err(line.bad(Fault::Keyword, word)),
            });
            if line.peek().is_none() {
                return Ok(());
            }
        }
    }

    /// `M14 item item …`; a version other than 1 is written `M14@2`.
    pub(super) fn checklist(&mut self, line: &mut Line<'_>) -> Read<()> {
        let word = line.word()?;
        let (matter, version) = match word.split_once('@') {
            None => (word, Ok(1)),
            Some((matter, version)) => (matter, version.parse()),
        };
        let version = version.map_err(|_| line.bad(Fault::Number, word))?;
        let mut items = Vec::new();
        while let Some(word) = line.next() {
            let id = FieldId::new(word).map_err(|_| line.bad(Fault::Code, word))?;
            items.push(check_item(id));
        }
        if items.is_empty() {
            return Err(line.missing());
        }
        self.case.checklist = Some(Checklist {
            matter: matter.to_owned(),
            version,
            name: Bilingual::default(),
            items,
        });
        Ok(())
    }

    pub(super) fn elsewhere(&mut self, line: &mut Line<'_>) -> Read<()> {
        let mut said = self.case.elsewhere.take().unwrap_or_default();
        self.other(line, &mut said)?;
        self.case.elsewhere = Some(said);
        Ok(())
    }

    fn other(&self, line: &mut Line<'_>, said: &mut Elsewhere) -> Read<()> {
        let word = line.word()?;
        match word {
            "none" | "无" => {}
            "overlap" | "重叠" => {
                let name = line.word()?;
                let officer = self.known(line, name)?;
                let day = line.date()?;
                let start = line.time(day)?;
                if !line.takes("..", "至") {
                    return Err(line.missing());
                }
                let end = line.time(day)?;
                let number = u8::try_from(said.overlapping.len() + 1).unwrap_or(u8::MAX);
                said.overlapping.push(OtherVisit {
                    record: RecordId::from_bytes([number; 16]),
                    officer,
                    start,
                    end,
                    place: line.words()?,
                });
            }
            "inspections" | "本年检查" => {
                let word = line.word()?;
                let count = word.parse().map_err(|_| line.bad(Fault::Number, word))?;
                said.inspections_this_year = Some(count);
            }
            "order" | "责改" => self.correction(line, said)?,
            "rechecked" | "已复查" => said.rechecked_at = Some(line.moment()?),
            _ => return Err(line.bad(Fault::Keyword, word)),
        }
        Ok(())
    }
}

impl Reader<'_> {
    /// `[served MOMENT [failed MOMENT]]`: what a linked order to correct came to.
    fn correction(&self, line: &mut Line<'_>, said: &mut Elsewhere) -> Read<()> {
        let mut order = Correction::default();
        if line.takes("served", "送达") {
            order.served = Some(line.moment()?);
        }
        if line.takes("failed", "未改") {
            order.failed = Some(line.moment()?);
        }
        said.correction = Some(order);
        Ok(())
    }
}

fn power_item(code: &str, source: PowerSource, from: Date) -> PowerItem {
    PowerItem {
        code: code.to_owned(),
        name: Bilingual::default(),
        source,
        from,
        to: None,
        listed: true,
        duty: Bilingual::default(),
        sanction: Bilingual::default(),
        precondition: Precondition::None,
        bases: Vec::new(),
        list: "示例清单".to_owned(),
    }
}

fn check_item(id: FieldId) -> CheckItem {
    CheckItem {
        id,
        text: Bilingual::default(),
        how: Bilingual::default(),
        law: String::new(),
        article: String::new(),
        fault: Bilingual::default(),
        remedy: Bilingual::default(),
    }
}
