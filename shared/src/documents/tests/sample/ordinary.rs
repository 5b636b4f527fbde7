//! A full case by the ordinary procedure, invented: the workshop again blocked its exit, and a hearing was held.

use super::*;
use crate::rules::procedure::PTCF;

/// A day of that year, as a field keeps it.
fn on(month: i8, day: i8) -> Value {
    Value::At(moment(month, day, 0, 0))
}

fn moment(month: i8, day: i8, hour: i8, minute: i8) -> Instant {
    Instant::from_civil(date(2026, month, day).at(hour, minute, 0, 0))
}

fn yes() -> Value {
    Value::Bool(true)
}

fn no() -> Value {
    Value::Bool(false)
}

const FOUND: &str = "2026年10月28日上午9时20分，执法人员到云溪镇兴达家具厂（示例）检查，二楼仓库东侧疏散门内侧堆放板材约2立方米，疏散门不能开启。经查，该厂于2026年10月12日因同一情形收到《责令限期改正通知书》，复查时尚未改正。\n以上事实有现场检查笔录、现场照片、对厂长刘某和仓库管理员张某的询问笔录证明。";

const EVIDENCE: &str = "1. 现场检查笔录1份，执法人员2026年10月28日当场制作，证明疏散门被堵塞。\n2. 现场照片6张，执法人员2026年10月28日拍摄，证明板材的位置和数量。\n3. 询问笔录2份，2026年11月5日制作，证明堆放时间和安排人。\n4. 营业执照复制件1份，当事人提供，已与原件核对，证明主体身份。";

const BASIS: &str = "违反《中华人民共和国消防法》第二十八条，依据《中华人民共和国消防法》第六十条第一款第（三）项给予处罚";
const BY: &str = "《中华人民共和国消防法》第六十条第一款第（三）项";
const CONTENT: &str = "罚款人民币50000元。";

impl Sample {
    /// A record in which every step of the ordinary procedure was done.
    pub(in crate::documents::tests) fn ordinary() -> Self {
        let mut sample = Self {
            entries: Vec::new(),
            procedure: Procedure::parse(PTCF).unwrap(),
            checklist: None,
            task: None,
            clock: moment(11, 2, 8, 30),
            ..Self::full()
        };
        sample.filed();
        sample.investigated();
        sample.proposed();
        sample.told();
        sample.heard();
        sample.decided();
        sample.closed();
        sample
    }

    fn approve(&mut self, step: &str, note: &str) {
        self.put(Approved {
            step: id(step),
            approver: officer(4),
            granted: true,
            note: note.to_owned(),
        });
    }

    fn filed(&mut self) {
        self.put(Opened {
            procedure: "PTCF".parse().unwrap(),
            version: 1,
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
            "PT-01",
            vec![
                ("source", pick("inspection")),
                ("received_on", on(10, 28)),
                ("lead", text("2026年10月28日检查发现二楼仓库东侧疏散门被板材堵塞，详见现场检查笔录和照片。")),
            ],
        );
        self.answers(
            "PT-02",
            vec![
                ("conduct_on", on(10, 28)),
                ("continuing", no()),
                ("found_on", on(10, 28)),
                ("harm", no()),
                ("place", text("云溪镇兴业路18号兴达家具厂二楼仓库（示例）")),
                ("competence", pick("own")),
                ("fined_before", no()),
            ],
        );
        self.answers(
            "PT-03",
            vec![
                ("number", text("云政立字〔2026〕21号")),
                ("filed_on", on(11, 2)),
                ("facts", text("该厂二楼仓库东侧疏散门内侧堆放板材约2立方米，疏散门不能开启，涉嫌堵塞疏散通道。")),
                ("article", text("《中华人民共和国消防法》第二十八条")),
            ],
        );
        self.approve("PT-03-1", "请依法及时调查。");
        self.answers(
            "PT-04",
            vec![
                ("officers", Value::Officers(vec![officer(1), officer(2)])),
                ("recusal", pick("none")),
            ],
        );
    }

    fn investigated(&mut self) {
        self.clock = moment(11, 5, 9, 0);
        self.answers(
            "PT-05",
            vec![
                ("shown", yes()),
                ("rights", yes()),
                ("asked", text("张某")),
                ("asked_role", pick("staff")),
                ("asked_id", text("4113**********0018")),
                ("alone", yes()),
                ("place", text("云溪镇综合行政执法队询问室（示例）")),
                ("start", Value::At(moment(11, 5, 9, 5))),
                ("end", Value::At(moment(11, 5, 9, 50))),
                ("asked_on", on(11, 5)),
                ("qa", text(TALK)),
            ],
        );
        self.everybody_signs("PT-05");
        self.answers("PT-06", vec![("list", text(EVIDENCE))]);
        self.approve("PT-08", "同意先行登记保存。");
        self.answers(
            "PT-08-1",
            vec![
                ("number", text("云政登保〔2026〕3号")),
                ("taken_at", Value::At(moment(11, 5, 10, 30))),
                ("taken_on", on(11, 5)),
                ("approved_on", on(11, 5)),
                ("things", text("送货单（2026年10月26日）1册，保存于云溪镇综合行政执法队档案柜\n仓库进出登记本1本，保存于云溪镇综合行政执法队档案柜")),
            ],
        );
        self.everybody_signs("PT-08-1");
        self.answers(
            "PT-11",
            vec![
                ("how", pick("by_day")),
                ("order_no", text("云政责改〔2026〕9号")),
                ("order_served_on", on(10, 12)),
                ("recheck", pick("not")),
            ],
        );
    }

    fn proposed(&mut self) {
        self.clock = moment(11, 16, 9, 0);
        self.answers(
            "PT-12",
            vec![
                ("reported_on", on(11, 16)),
                ("facts", text(FOUND)),
                ("basis", text(BASIS)),
                ("proposal", pick("penalise")),
                ("weight", pick("serious")),
                ("crime", no()),
            ],
        );
        for name in ["陈立新", "李晓燕"] {
            self.sign("PT-12", SignerRole::Officer, name, SignMethod::Pin, None);
        }
        self.answers(
            "PT-13",
            vec![
                (
                    "standard",
                    text("《云溪镇消防行政处罚裁量基准（示例）》第5项"),
                ),
                ("grade", pick("heavy")),
                ("within", yes()),
                (
                    "factors",
                    text("责令改正后再次发生，堵塞期间仓库内有人作业。"),
                ),
            ],
        );
        self.end("PT-13");
        self.answers(
            "PT-14",
            vec![
                ("ground", pick("local")),
                ("reviewer", Value::Officers(vec![officer(3)])),
                ("outside", text("示例县司法局法制审核中心（示例）")),
                ("first_time", no()),
                ("qualified", yes()),
                ("sent_on", on(11, 16)),
                ("reviewed_on", on(11, 18)),
                ("result", pick("passed")),
                ("opinion", text("主体适格，在权限之内；事实清楚，证据确凿；适用法律正确，条款到项；裁量在基准之内；程序合法；文书规范；不需要移送。")),
            ],
        );
    }

    fn told(&mut self) {
        self.clock = moment(11, 19, 15, 0);
        self.answers(
            "PT-15",
            vec![
                ("number", text("云政罚告〔2026〕8号")),
                ("notice_on", on(11, 19)),
                ("facts", text(FOUND)),
                ("basis", text(BY)),
                ("kind", pick("fine")),
                ("fine", Value::Int(50_000)),
                ("content", text(CONTENT)),
                ("rights", yes()),
                ("hearing", yes()),
                ("defence_days", Value::Int(5)),
                ("method", pick("direct")),
                ("receiver", text("刘某，厂长")),
                ("served_on", on(11, 19)),
            ],
        );
        let party = Some(STROKES.to_owned());
        self.sign("PT-15", SignerRole::Party, "刘某", SignMethod::Drawn, party);
        self.put(Served {
            step: id("PT-15"),
            document: "行政处罚事先告知书（云政罚告〔2026〕8号）".to_owned(),
            method: "direct".to_owned(),
            receiver: "刘某".to_owned(),
        });
        self.clock = moment(11, 23, 10, 12);
        for (said, answer) in [
            (
                "板材是临时堆放，当天下午就搬走了。",
                "搬走属于事后改正，不影响违法事实成立。",
            ),
            (
                "厂里今年订单少，罚款太重。",
                "经营情况不属于裁量基准规定的情节，可以申请延期或者分期缴纳。",
            ),
        ] {
            self.put(StatementHeard {
                step: id("PT-16"),
                words: said.to_owned(),
                answer: answer.to_owned(),
            });
        }
        self.answers(
            "PT-16",
            vec![
                ("spoke", pick("spoke")),
                ("spoke_on", on(11, 23)),
                ("adopted", pick("no")),
                ("review", text("调取了10月28日下午的照片和仓库进出登记。板材于当日15时搬走属实，但堵塞已经发生；两项意见均没有法定从轻、减轻情节，不予采纳。")),
                ("reviewed_on", on(11, 24)),
            ],
        );
        self.everybody_signs("PT-16");
    }

    fn heard(&mut self) {
        self.answers(
            "PT-17",
            vec![
                ("ground", pick("fine")),
                ("told", yes()),
                ("form", pick("own")),
                ("number", text("云政听告〔2026〕5号")),
                ("served_on", on(11, 19)),
            ],
        );
        self.sign("PT-17", SignerRole::Party, "刘某", SignMethod::Screen, None);
        self.answers(
            "PT-18",
            vec![("asked", pick("requested")), ("requested_on", on(11, 24))],
        );
        self.answers(
            "PT-19",
            vec![
                ("number", text("云政听通〔2026〕2号")),
                ("notice_on", on(11, 25)),
                ("chair", text("王建国")),
                ("served_on", on(11, 25)),
                ("hearing_on", on(12, 8)),
                ("hearing_at", Value::At(moment(12, 8, 9, 0))),
                ("place", text("云溪镇人民政府二楼会议室（示例）")),
            ],
        );
        self.answers(
            "PT-20",
            vec![
                ("held", pick("held")),
                ("held_on", on(12, 8)),
                ("start", Value::At(moment(12, 8, 9, 0))),
                ("end", Value::At(moment(12, 8, 10, 40))),
                ("chair", Value::Officers(vec![officer(3)])),
                ("chair_separate", yes()),
                ("public", pick("public")),
                ("present", text("当事人厂长刘某；委托代理人孙某（律师）；旁听2人；记录人周某")),
                ("record", text("调查人员陈立新：宣读事实、证据和处罚建议，出示现场照片6张、询问笔录2份。\n当事人刘某：对照片没有异议；认为板材当天已经搬走，请求从轻。\n代理人孙某：请求考虑企业困难，从轻处罚。\n调查人员李晓燕：10月12日已经责令改正，本次属于再次发生。\n主持人：双方还有没有补充？双方均表示没有。")),
                ("transcript", pick("signed")),
                ("report", text("事实清楚，证据经过质证；当事人的从轻请求没有法定情节支持，建议维持拟处罚意见。")),
            ],
        );
        self.answers(
            "PT-14-1",
            vec![
                ("reviewer", Value::Officers(vec![officer(3)])),
                ("outside", text("示例县司法局法制审核中心（示例）")),
                ("first_time", no()),
                ("qualified", yes()),
                ("reviewed_on", on(12, 10)),
                ("result", pick("passed")),
                (
                    "opinion",
                    text("听证程序合法，当事人提出的问题已经回应，没有新的事实和证据，审核通过。"),
                ),
            ],
        );
    }

    fn decided(&mut self) {
        self.clock = moment(12, 14, 9, 0);
        self.answers(
            "PT-21",
            vec![
                ("ground", pick("hearing")),
                ("discussed_on", on(12, 14)),
                ("attending", Value::Officers(vec![officer(3), officer(4)])),
                ("heads", Value::Int(2)),
                ("present", text("承办人陈立新汇报，李晓燕列席；记录人周某")),
                ("views", text("吴海涛：事实清楚，同意承办意见。\n王建国：再次发生，同意从重档次，不同意再加重。")),
                ("conclusion", pick("penalise")),
                ("minutes_signed", yes()),
            ],
        );
        self.answers(
            "PT-22",
            vec![
                ("number", text("云政罚决〔2026〕6号")),
                ("document_date", on(12, 15)),
                ("outcome", pick("penalise")),
                ("kind", pick("fine")),
                ("fined", yes()),
                ("fine", Value::Int(50_000)),
                ("content", text(CONTENT)),
                ("basis", text(BY)),
                ("review_body", text("示例县人民政府（示例）")),
                ("court", text("示例县人民法院（示例）")),
            ],
        );
        self.approve("PT-22-1", "依法作出处罚决定。");
        self.clock = moment(12, 16, 10, 0);
        self.answers(
            "PT-23",
            vec![
                ("method", pick("direct")),
                ("receiver", text("刘某，厂长")),
                ("served_at", Value::At(moment(12, 16, 10, 5))),
                ("served_on", on(12, 16)),
                ("receipt", pick("signed")),
            ],
        );
        let party = Some(STROKES.to_owned());
        self.sign("PT-23", SignerRole::Party, "刘某", SignMethod::Drawn, party);
        self.put(Served {
            step: id("PT-23"),
            document: "行政处罚决定书（云政罚决〔2026〕6号）".to_owned(),
            method: "direct".to_owned(),
            receiver: "刘某".to_owned(),
        });
    }

    fn closed(&mut self) {
        self.clock = moment(12, 30, 9, 0);
        self.answers(
            "PT-24",
            vec![
                ("paid", Value::Int(50_000)),
                ("paid_on", on(12, 25)),
                ("receipt_no", text("豫财0012345（示例）")),
            ],
        );
        self.answers(
            "PT-26",
            vec![("used", pick("review")), ("result", pick("withdrawn"))],
        );
        self.answers(
            "PT-29",
            vec![
                ("reason", pick("performed")),
                ("execution", text("罚款已全部缴纳，违法行为已改正。")),
                ("closed_on", on(12, 30)),
            ],
        );
        self.approve("PT-29-1", "");
    }

    /// The document of this name, of a case that has it.
    pub(in crate::documents::tests) fn form(&self, code: &str) -> Document {
        if code == "no_penalty_decision" {
            let outcome = self
                .facts()
                .step("PT-22")
                .map(|step| step.fields["outcome"].value.clone());
            if outcome == Some(pick("penalise")) {
                let mut other = Self::ordinary();
                other.entries.clone_from(&self.entries);
                other.answer("PT-22", "outcome", pick("no_penalty"));
                return other.form(code);
            }
        }
        let (made, _) = crate::documents::find(code, &self.procedure).unwrap();
        self.with(|dossier| compose(made, dossier))
    }
}
