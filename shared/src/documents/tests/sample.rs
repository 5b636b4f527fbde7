//! A full record, invented: an inspection of a furniture workshop and the order that followed, in one.

mod around;
mod ordinary;

use crate::documents::{Document, Dossier, Made, compose};
use crate::domain::event::{
    Amended, Approved, Event, EventRef, EvidenceAdded, EvidenceKind, Fact, FieldAnswered, Fix,
    Opened, Outcome, Photo, Refused, Served, SignMethod, Signed, SignerRole, StatementHeard,
    StepRecorded, Value, Voided,
};
use crate::domain::reference::{
    Basis, Certificate, CheckItem, Checklist, Officer, PowerItem, PowerSource, Precondition,
    Subject, SubjectKind, Task,
};
use crate::fold::{Entry, Facts};
use crate::id::{FeedId, OfficerId, RecordId, StepId, SubjectId, TaskId, UnitId};
use crate::instant::{Instant, Interval};
use crate::rules::calendar::Calendar;
use crate::rules::check::Context;
use crate::rules::jurisdiction::Jurisdiction;
use crate::rules::procedure::{
    Actor, Choice, DocumentKind, Field, FieldKind, Procedure, Step, VisitFrame,
};
use crate::text::Bilingual;
use around::{checklist, fire, officers, procedure, subject, task};
use jiff::civil::{Date, date};
use std::collections::BTreeMap;

const DAY: Date = date(2026, 11, 23);

/// That day at this time.
fn at(hour: i8, minute: i8) -> Instant {
    Instant::from_civil(DAY.at(hour, minute, 0, 0))
}

fn words(zh: &str) -> Bilingual {
    Bilingual {
        zh: zh.to_owned(),
        en: String::new(),
    }
}

fn text(words: &str) -> Value {
    Value::Text(words.to_owned())
}

fn pick(code: &str) -> Value {
    Value::Choice(code.to_owned())
}

fn officer(n: u8) -> OfficerId {
    OfficerId::from_bytes([n; 16])
}

fn unit() -> UnitId {
    UnitId::from_bytes([1; 16])
}

fn id(step: &str) -> StepId {
    step.parse().unwrap()
}

/// Another value of the same type.
pub(super) fn another(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(format!("{text}（另）")),
        Value::Int(number) => Value::Int(number + 1),
        Value::Bool(yes) => Value::Bool(!yes),
        Value::At(at) => Value::At(at.plus_millis(60_000 + 86_400_000)),
        Value::Choice(code) if code == "correction" => pick("transfer"),
        Value::Choice(code) if code == "by_day" => pick("at_once"),
        Value::Choice(code) if code == "partly" => pick("not"),
        Value::Choice(code) if code == "pass" => pick("fail"),
        Value::Choice(_) => pick("other"),
        Value::Officers(ids) if *ids == [officer(3)] => Value::Officers(vec![officer(4)]),
        Value::Officers(_) => Value::Officers(vec![officer(3)]),
    }
}

/// The step that an entry is about.
pub(super) fn is_of(entry: &Entry, step: &str) -> bool {
    let of = match &entry.event.fact {
        Fact::FieldAnswered(f) => &f.step,
        Fact::EvidenceAdded(f) => &f.step,
        Fact::Signed(f) => &f.step,
        Fact::Served(f) => &f.step,
        Fact::StepRecorded(f) => &f.step,
        Fact::Refused(f) => &f.step,
        _ => return false,
    };
    of.as_str() == step
}

pub(super) fn is_signature(entry: &Entry) -> bool {
    matches!(entry.event.fact, Fact::Signed(_))
}

/// A record with everything around it.
pub(super) struct Sample {
    pub(super) entries: Vec<Entry>,
    pub(super) procedure: Procedure,
    pub(super) officers: BTreeMap<OfficerId, Officer>,
    pub(super) subject: Option<Subject>,
    pub(super) power: Vec<PowerItem>,
    pub(super) checklist: Option<Checklist>,
    pub(super) jurisdiction: Jurisdiction,
    pub(super) task: Option<Task>,
    clock: Instant,
}

impl Sample {
    /// A record in which every step of both procedures was done.
    pub(super) fn full() -> Self {
        let mut sample = Self {
            entries: Vec::new(),
            procedure: procedure(),
            officers: officers(),
            subject: Some(subject()),
            power: vec![fire()],
            checklist: Some(checklist()),
            jurisdiction: Jurisdiction {
                reconsideration_body: words("示例县人民政府（示例）"),
                court: words("示例县人民法院（示例）"),
                ..Jurisdiction::default()
            },
            task: Some(task()),
            clock: at(8, 30),
        };
        sample.before();
        sample.on_site();
        sample.inquiry();
        sample.afterwards();
        sample.order();
        sample.penalty();
        sample
    }

    fn put(&mut self, fact: impl Into<Fact>) {
        let seq = self.entries.len() as u64 + 1;
        self.entries.push(Entry {
            place: EventRef {
                feed: FeedId::from_bytes([1; 16]),
                seq,
                index: 0,
            },
            officer: officer(1),
            behind_ms: 0,
            event: Event {
                recorded_at: self.clock,
                happened_at: None,
                fact: fact.into(),
            },
        });
        self.clock = self.clock.plus_millis(20_000);
    }

    pub(super) fn answer(&mut self, step: &str, field: &str, value: Value) {
        self.put(FieldAnswered {
            step: id(step),
            field: field.parse().unwrap(),
            value,
        });
    }

    fn answers(&mut self, step: &str, values: Vec<(&str, Value)>) {
        for (field, value) in values {
            self.answer(step, field, value);
        }
    }

    pub(super) fn end(&mut self, step: &str) {
        self.put(StepRecorded {
            step: id(step),
            outcome: Outcome::Done,
            note: String::new(),
        });
    }

    /// Withdraws the step's end.
    pub(super) fn amend(&mut self, step: &str, reason: &str) {
        let end = |entry: &&Entry| matches!(&entry.event.fact, Fact::StepRecorded(f) if f.step == id(step));
        let target = self.entries.iter().rev().find(end).unwrap().place;
        let reason = reason.to_owned();
        self.put(Amended { target, reason });
    }

    pub(super) fn sign(
        &mut self,
        step: &str,
        role: SignerRole,
        name: &str,
        method: SignMethod,
        drawing: Option<String>,
    ) {
        let known = self.officers.values().find(|officer| officer.name == name);
        let officer = known.map(|officer| officer.id);
        self.put(Signed {
            step: id(step),
            role,
            officer,
            name: name.to_owned(),
            method,
            document: None,
            drawing,
        });
    }

    /// The party signs a document with this hash.
    pub(super) fn sign_document(&mut self, step: &str, name: &str, hash: [u8; 32]) {
        self.put(Signed {
            step: id(step),
            role: SignerRole::Party,
            officer: None,
            name: name.to_owned(),
            method: SignMethod::Screen,
            document: Some(hash),
            drawing: None,
        });
    }

    fn everybody_signs(&mut self, step: &str) {
        let party = Some(STROKES.to_owned());
        self.sign(step, SignerRole::Party, "刘某", SignMethod::Drawn, party);
        for name in ["陈立新", "李晓燕"] {
            self.sign(step, SignerRole::Officer, name, SignMethod::Pin, None);
        }
    }

    pub(super) fn void(&mut self, reason: &str) {
        let reason = reason.to_owned();
        self.put(Voided { reason });
    }

    pub(super) fn show(&mut self, step: &str, evidence: EvidenceKind, reference: &str) {
        let photo = (evidence == EvidenceKind::Photo).then(|| Photo {
            hash: [self.entries.len() as u8; 32],
            len: 150_000,
            original: [9; 32],
            taken_at: Some(self.clock),
            fix: Some(Fix {
                lat_e6: 33_000_000,
                lon_e6: 112_500_000,
                accuracy_m: 12,
            }),
            place: String::new(),
        });
        self.put(EvidenceAdded {
            step: id(step),
            evidence,
            reference: reference.to_owned(),
            photo,
        });
    }

    fn before(&mut self) {
        self.put(Opened {
            procedure: "XZJC".parse().unwrap(),
            version: 2,
            unit: unit(),
            subject: Some(SubjectId::from_bytes([5; 16])),
            subject_name: "云溪镇兴达家具厂（示例）".to_owned(),
            place: "云溪镇兴业路18号（示例）".to_owned(),
            matter: "M12".to_owned(),
            task: None,
            urgent: None,
            officers: vec![officer(1), officer(2)],
        });
        self.answers(
            "JC-01",
            vec![("kind", pick("routine")), ("source", pick("random"))],
        );
        self.answers(
            "JC-02",
            vec![
                ("plan", text("2026年度行政检查计划第12项")),
                ("in_plan", Value::Bool(true)),
            ],
        );
        self.answer("JC-03", "count", Value::Int(1));
        self.answers(
            "JC-04",
            vec![("draw", text("2026年第4批")), ("how", pick("system"))],
        );
        self.answer(
            "JC-06",
            "why_on_site",
            text("疏散通道和安全出口的实际状况须到现场查看，书面检查不能代替。"),
        );
        self.put(Approved {
            step: id("JC-07"),
            approver: officer(4),
            granted: true,
            note: "请按清单检查，注意安全。".to_owned(),
        });
        self.answer(
            "JC-08",
            "officers",
            Value::Officers(vec![officer(1), officer(2)]),
        );
        self.end("JC-08");
    }

    fn on_site(&mut self) {
        self.clock = at(9, 5);
        self.show("JC-10", EvidenceKind::Recording, "ZF-20261123-01");
        self.show("JC-10", EvidenceKind::PartyConfirmation, "刘某");
        self.end("JC-10");
        self.answers(
            "JC-11",
            vec![
                ("notice_no", text("云政检通〔2026〕17号")),
                ("rights", Value::Bool(true)),
            ],
        );
        self.everybody_signs("JC-11");
        self.answers(
            "JC-12",
            vec![("who", text("刘某")), ("role", pick("manager"))],
        );
        self.answer("JC-13", "checklist", text("M12@1"));
        for (item, answer, note) in [
            (
                "exit",
                "fail",
                "二楼东侧疏散门内侧堆放板材约2立方米，门不能开启。",
            ),
            ("corridor", "pass", ""),
            ("lights", "fail", "一楼西侧疏散指示标志灯不亮，共1处。"),
            ("bars", "na", "厂房没有外窗栅栏。"),
        ] {
            self.answer("JC-13", item, pick(answer));
            if !note.is_empty() {
                self.answer("JC-13", &format!("{item}.note"), text(note));
            }
        }
        self.show("JC-13", EvidenceKind::Photo, "二楼东侧疏散门堆放板材");
        self.show("JC-13", EvidenceKind::Photo, "一楼西侧疏散指示标志");
        self.answers(
            "JC-14",
            vec![
                (
                    "place",
                    text("云溪镇兴业路18号兴达家具厂一楼、二楼（示例）"),
                ),
                ("start", Value::At(at(9, 5))),
                ("end", Value::At(at(10, 20))),
                ("present", text("刘某（厂长）、张某（仓库管理员）")),
                ("facts", text(FACTS)),
                (
                    "opinion",
                    text("情况属实，今天就安排搬走板材，指示灯明天更换。"),
                ),
                ("key_evidence", Value::Bool(false)),
            ],
        );
        self.clock = at(10, 18);
        self.everybody_signs("JC-14");
    }

    fn inquiry(&mut self) {
        self.answers(
            "JC-13-1",
            vec![
                ("asked", text("张某")),
                ("asked_role", text("仓库管理员")),
                ("asked_id", text("4113**********1234")),
                ("qa", text(TALK)),
                ("start", Value::At(at(9, 50))),
                ("end", Value::At(at(10, 5))),
            ],
        );
        self.everybody_signs("JC-13-1");
    }

    fn afterwards(&mut self) {
        self.answers(
            "JC-16",
            vec![
                ("result", pick("correction")),
                ("told_to", text("刘某（厂长）")),
            ],
        );
        self.everybody_signs("JC-16");
    }

    fn order(&mut self) {
        self.clock = at(10, 30);
        let day = |day| Value::At(Instant::from_civil(date(2026, 12, day).at(0, 0, 0, 0)));
        self.answer(
            "GZ-01",
            "before",
            text("二楼东侧疏散门内侧堆放板材，门不能开启；一楼西侧疏散指示标志灯不亮。"),
        );
        self.answers(
            "GZ-02",
            vec![
                ("number", text("云政责改〔2026〕9号")),
                ("items", text("1. 清走二楼东侧疏散门内侧的板材，保证门能从里面打开。\n2. 更换一楼西侧疏散指示标志灯。")),
                ("how", pick("by_day")),
                ("deadline", day(3)),
                ("issued_on", Value::At(at(0, 0))),
                ("stop_work", Value::Bool(true)),
            ],
        );
        self.everybody_signs("GZ-02");
        self.answers(
            "GZ-05",
            vec![
                ("method", pick("on_site")),
                ("served_at", Value::At(at(10, 50))),
                ("receiver", text("刘某（厂长）")),
            ],
        );
        self.put(Served {
            step: id("GZ-05"),
            document: "责令改正通知书（云政责改〔2026〕9号）".to_owned(),
            method: "on_site".to_owned(),
            receiver: "刘某".to_owned(),
        });
        self.clock = Instant::from_civil(date(2026, 12, 4).at(15, 0, 0, 0));
        let moment =
            |minute| Value::At(Instant::from_civil(date(2026, 12, 4).at(15, minute, 0, 0)));
        self.answers(
            "GZ-06",
            vec![
                ("officers", Value::Officers(vec![officer(1), officer(2)])),
                ("place", text("云溪镇兴业路18号兴达家具厂一楼、二楼（示例）")),
                ("start", moment(0)),
                ("end", moment(25)),
                ("result", pick("partly")),
                ("findings", text("1. 二楼东侧疏散门内侧板材已清走，门能从里面打开，已改正。\n2. 一楼西侧疏散指示标志灯已购买，尚未安装，未改正。")),
            ],
        );
        self.show(
            "GZ-06",
            EvidenceKind::Photo,
            "二楼东侧疏散门（整改后，同角度）",
        );
        self.sign(
            "GZ-06",
            SignerRole::Officer,
            "陈立新",
            SignMethod::Pin,
            None,
        );
        self.put(Refused {
            step: id("GZ-06"),
            reason: "对“部分改正”的意见有不同看法，拒绝签名。".to_owned(),
            witness: Some("赵某（村委会委员）".to_owned()),
            recording: Some("ZF-20261204-02".to_owned()),
        });
    }

    fn penalty(&mut self) {
        self.clock = at(11, 30);
        let today = Value::At(at(0, 0));
        self.answer("DC-01", "conduct", today.clone());
        self.answer(
            "DC-04",
            "facts",
            text("电动自行车停放在安全出口内，堵塞疏散通道。"),
        );
        self.put(StatementHeard {
            step: id("DC-05"),
            words: "一时疏忽，马上推走。".to_owned(),
            answer: "情况属实，金额已予考虑".to_owned(),
        });
        self.answers(
            "DC-06",
            vec![
                ("number", text("云政当罚〔2026〕0001号")),
                ("date", today),
                ("act", text("占用、堵塞安全出口")),
                ("kind", pick("fine")),
                ("fine", Value::Int(100)),
                ("basis", text("消防法第六十条第二款")),
                ("place", text("云溪镇兴业路18号")),
            ],
        );
        self.answer("DC-09", "how", pick("at_once"));
        self.everybody_signs("DC-06");
    }

    /// The matter is straw burning, and it was found on this day.
    pub(super) fn straw(&mut self, (year, month, day): (i16, i8, i8)) {
        let basis = |law: &str, prohibits: &str, penalises: &str| Basis {
            law: law.to_owned(),
            prohibits: prohibits.to_owned(),
            penalises: penalises.to_owned(),
            from: None,
            to: None,
        };
        self.power = vec![PowerItem {
            bases: vec![
                Basis {
                    to: Some(date(2026, 8, 14)),
                    ..basis("大气污染防治法", "77", "119(1)")
                },
                Basis {
                    from: Some(date(2026, 8, 15)),
                    ..basis("生态环境法典", "246(1)", "1131(1)")
                },
            ],
            ..fire()
        }];
        self.clock = Instant::from_civil(date(year, month, day).at(16, 0, 0, 0));
        self.answer("GZ-01", "before", text("田间焚烧秸秆约一亩。"));
    }

    pub(super) fn facts(&self) -> Facts {
        Facts::of([], self.entries.iter().cloned())
    }

    pub(super) fn document(&self, kind: DocumentKind) -> Document {
        self.with(|dossier| compose(Made::Kind(kind), dossier))
    }

    /// What a document is made of.
    pub(super) fn with<T>(&self, then: impl FnOnce(&Dossier<'_>) -> T) -> T {
        let calendar = Calendar::default();
        let facts = self.facts();
        let context = Context {
            officers: &self.officers,
            calendar: &calendar,
            jurisdiction: &self.jurisdiction,
            subject: self.subject.as_ref(),
            power: &self.power,
            checklist: self.checklist.as_ref(),
            elsewhere: None,
            now: Interval::exactly(at(12, 0)),
        };
        // The recheck is of the order's record, whose frame names its own officers.
        then(&Dossier {
            record: RecordId::from_bytes([0x42; 16]),
            facts: &facts,
            procedure: &self.procedure,
            context: &context,
            unit: "云溪镇人民政府（示例）",
            task: self.task.as_ref(),
        })
    }
}

const STROKES: &str = "M120 120 L140 60 L160 150 M100 100 L200 90 M180 60 L185 190 L160 170 M240 80 L330 70 M285 40 L280 190 M245 130 L330 120 M360 60 L420 60 L360 130 L440 140 M400 90 L400 200";

const FACTS: &str = "在刘某陪同下，对该厂一楼加工车间、二楼仓库及疏散楼梯进行了检查。\n二楼仓库东侧疏散门内侧堆放板材，长约2米、宽约1米、高约1米，疏散门向外开启，推至约10厘米处被板材挡住，不能完全开启。\n一楼加工车间西侧疏散出口上方疏散指示标志灯1处不亮，现场按测试按钮无反应。\n二楼西侧疏散楼梯畅通，宽约1.2米，无堆放物。检查时二楼仓库内有3名工人作业。";

const TALK: &str = "问：请说明你的姓名和在厂里的职务。\n答：我叫张某，是仓库管理员，管二楼仓库。\n问：二楼东侧疏散门后面的板材是什么时候堆放的？\n答：11月20日下午到的货，一楼放不下，就先放在那里了。\n问：谁安排堆放的？\n答：我自己安排的，厂长不知道。\n问：你还有什么要补充的？\n答：没有了，今天就搬走。";
