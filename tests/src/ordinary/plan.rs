//! The case itself: its days and its answers, as the law asks for them.

use super::{Act, PARTY, Put, Shown, Who};
use crate::journey::{local, officer_ids};
use jiff::ToSpan as _;
use jiff::civil::Date;
use shared::instant::Instant;

/// What the party did.
const FACTS: &str = "电动自行车停放在安全出口内，堵塞疏散通道。";
const BASIS: &str = "消防法第六十条第一款第三项";
const FINE: &str = "8000";

#[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
fn fill(field: &'static str, value: impl ToString) -> Put {
    Put::Fill(field, value.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
fn choose(field: &'static str, value: impl ToString) -> Put {
    Put::Choose(field, value.to_string())
}

/// The case of a matter found on this day.
struct Plan {
    found: Date,
    acts: Vec<Act>,
}

impl Plan {
    /// So many days after the discovery.
    fn day(&self, days: i64) -> Date {
        self.found.saturating_add(days.days())
    }

    fn act(&mut self, when: (i64, i8), who: Who, (step, end): (&'static str, &'static str)) {
        let (days, hour) = when;
        self.acts.push(Act {
            at: Instant::from_civil(self.day(days).at(hour, 0, 0, 0)),
            who,
            step,
            puts: Vec::new(),
            shown: Vec::new(),
            end,
        });
    }

    /// Answers of the last act.
    fn puts(&mut self, puts: Vec<Put>) {
        if let Some(act) = self.acts.last_mut() {
            act.puts.extend(puts);
        }
    }

    /// Proofs of the last act.
    fn shown(&mut self, shown: Vec<Shown>) {
        if let Some(act) = self.acts.last_mut() {
            act.shown.extend(shown);
        }
    }

    fn phone(&mut self, when: (i64, i8), step: &'static str, puts: Vec<Put>) {
        self.act(when, Who::Officers, (step, "done"));
        self.puts(puts);
    }

    fn desk(&mut self, when: (i64, i8), by: &'static str, step: &'static str, puts: Vec<Put>) {
        self.act(when, Who::Desk(by), (step, "done"));
        self.puts(puts);
    }

    fn approve(&mut self, when: (i64, i8), step: &'static str) {
        self.act(when, Who::Desk("head"), (step, "approve"));
    }

    /// 案源立案.
    fn open(&mut self) {
        let (found, filed) = (self.day(0), self.day(1));
        self.phone(
            (0, 15),
            "PT-01",
            vec![
                choose("source", "inspection"),
                fill("received_on", found),
                fill("lead", "详见现场检查笔录和照片。"),
            ],
        );
        self.phone(
            (0, 15),
            "PT-02",
            vec![
                choose("continuing", "no"),
                choose("harm", "no"),
                choose("competence", "own"),
                choose("fined_before", "no"),
                fill("conduct_on", found),
                fill("found_on", found),
                fill("place", "示例路1号一层"),
            ],
        );
        self.desk(
            (1, 9),
            "lead",
            "PT-03",
            vec![
                fill("number", "示例立案〔2026〕0001号"),
                fill("facts", FACTS),
                fill("article", "消防法第二十八条"),
            ],
        );
        self.approve((1, 10), "PT-03-1");
        self.desk((1, 11), "lead", "PT-03", vec![fill("filed_on", filed)]);
        let mut named = vec![choose("recusal", "none")];
        named.extend(officer_ids().into_iter().map(|id| choose("officers", id)));
        self.desk((1, 11), "lead", "PT-04", named);
    }

    /// 调查取证.
    fn inquire(&mut self) {
        let day = self.day(2);
        let (start, end) = (day.at(9, 10, 0, 0), day.at(9, 50, 0, 0));
        self.phone(
            (2, 10),
            "PT-05",
            vec![
                choose("shown", "yes"),
                choose("rights", "yes"),
                choose("alone", "yes"),
                choose("asked_role", "party"),
                choose("first_look", "no"),
                fill("asked", PARTY),
                fill("place", "示例路1号一层"),
                fill("start", local(Instant::from_civil(start))),
                fill("end", local(Instant::from_civil(end))),
                fill("asked_on", day),
                fill("qa", "问：以上笔录是否属实？答：属实。"),
            ],
        );
        self.shown(vec![
            Shown::Recording,
            Shown::Photo("安全出口"),
            Shown::Pins,
            Shown::Party,
        ]);
        self.phone(
            (2, 11),
            "PT-06",
            vec![
                choose("identity", "yes"),
                choose("copies", "yes"),
                choose("devices", "no"),
                fill("list", "现场照片，执法人员拍摄，证明现场状况。"),
                fill("latest_on", day),
            ],
        );
        self.shown(vec![Shown::Recording]);
        self.phone(
            (2, 11),
            "PT-11",
            vec![choose("element", "no"), choose("how", "done")],
        );
        let reported = self.day(3);
        self.phone(
            (3, 10),
            "PT-12",
            vec![
                choose("proposal", "penalise"),
                choose("weight", "complex"),
                choose("crime", "no"),
                fill("reported_on", reported),
                fill("facts", FACTS),
                fill("basis", BASIS),
            ],
        );
        self.shown(vec![Shown::Pins]);
        self.phone(
            (3, 11),
            "PT-13",
            vec![
                choose("grade", "ordinary"),
                choose("within", "yes"),
                choose("person", "full"),
                fill("standard", "示例省消防行政处罚裁量基准第12项"),
                fill("factors", "配合查处，如实陈述。"),
            ],
        );
    }

    fn review(&mut self, when: (i64, i8), step: &'static str) {
        let day = self.day(when.0);
        self.desk(
            when,
            "legal",
            step,
            vec![
                choose("reviewer", server::demo::officer(8)),
                choose("first_time", "no"),
                choose("qualified", "yes"),
                choose("result", "passed"),
                fill("reviewed_on", day),
                fill("opinion", "事实清楚，证据充分，程序合法，同意。"),
            ],
        );
    }

    /// 告知申辩.
    fn tell(&mut self) {
        let (told, spoke) = (self.day(7), self.day(9));
        self.phone(
            (7, 10),
            "PT-15",
            vec![
                choose("kind", "fine"),
                choose("rights", "yes"),
                choose("method", "direct"),
                choose("again", "no"),
                fill("number", "示例罚告〔2026〕0001号"),
                fill("notice_on", told),
                fill("facts", FACTS),
                fill("basis", BASIS),
                fill("fine", FINE),
                fill("content", "罚款八千元。"),
                fill("defence_days", "5"),
                fill("receiver", "当事人本人"),
                fill("served_on", told),
            ],
        );
        self.shown(vec![Shown::Recording, Shown::Party]);
        self.phone(
            (7, 11),
            "PT-17",
            vec![
                choose("ground", "fine"),
                choose("told", "yes"),
                choose("form", "merged"),
                fill("served_on", told),
            ],
        );
        self.shown(vec![Shown::Party]);
        self.phone(
            (9, 10),
            "PT-16",
            vec![
                choose("spoke", "spoke"),
                choose("adopted", "partly"),
                fill("spoke_on", spoke),
                fill("review", "经复核，改正及时属实，处罚已按一般档次从低考虑。"),
                fill("reviewed_on", spoke),
            ],
        );
        self.shown(vec![
            Shown::Statement("已经改正，请求从轻。", "改正属实，金额已予考虑。"),
            Shown::Party,
        ]);
        self.phone(
            (9, 11),
            "PT-18",
            vec![choose("asked", "requested"), fill("requested_on", spoke)],
        );
        self.shown(vec![Shown::Party]);
    }

    /// 听证.
    fn hear(&mut self) {
        let (called, held) = (self.day(13), self.day(23));
        self.desk(
            (13, 9),
            "lead",
            "PT-19",
            vec![
                fill("number", "示例听通〔2026〕0001号"),
                fill("served_on", called),
                fill("hearing_on", held),
                fill("place", "示例县司法局听证室"),
                choose("objected", "no"),
            ],
        );
        self.desk(
            (23, 12),
            "legal",
            "PT-20",
            vec![
                choose("held", "held"),
                choose("chair", server::demo::officer(8)),
                choose("chair_separate", "yes"),
                choose("public", "public"),
                choose("charged", "no"),
                choose("transcript", "signed"),
                fill("held_on", held),
                fill("start", local(Instant::from_civil(held.at(9, 0, 0, 0)))),
                fill("end", local(Instant::from_civil(held.at(11, 0, 0, 0)))),
                fill("report", "当事人对事实没有异议，建议按告知内容处罚。"),
            ],
        );
        self.review((24, 10), "PT-14-1");
    }

    /// 决定.
    fn decide(&mut self) {
        let (discussed, decided) = (self.day(27), self.day(28));
        self.desk(
            (27, 10),
            "head",
            "PT-21",
            vec![
                choose("ground", "hearing"),
                choose("attending", server::demo::officer(7)),
                choose("conclusion", "penalise"),
                choose("minutes_signed", "yes"),
                fill("discussed_on", discussed),
                fill("heads", "2"),
                fill("present", "李晓燕汇报，周小梅记录"),
                fill("views", "一致同意处罚。"),
            ],
        );
        let told = [
            "has_party",
            "has_facts",
            "has_basis",
            "has_performance",
            "has_surcharge",
            "has_remedies",
            "has_agency",
            "has_seal",
        ];
        let mut puts: Vec<Put> = told.map(|field| choose(field, "yes")).into();
        puts.extend([
            choose("outcome", "penalise"),
            choose("kind", "fine"),
            choose("fined", "yes"),
            choose("extended", "no"),
            fill("number", "示例罚决〔2026〕0001号"),
            fill("fine", FINE),
            fill("content", "罚款八千元。"),
            fill("basis", BASIS),
            fill("review_body", "示例县人民政府"),
            fill("review_days", "60"),
            fill("court", "示例县人民法院"),
            fill("suit_months", "6"),
        ]);
        self.desk((28, 9), "lead", "PT-22", puts);
        self.approve((28, 10), "PT-22-1");
        self.desk(
            (28, 11),
            "lead",
            "PT-22",
            vec![fill("document_date", decided)],
        );
        let served = self.day(29);
        let at = Instant::from_civil(served.at(9, 30, 0, 0));
        self.phone(
            (29, 10),
            "PT-23",
            vec![
                choose("method", "direct"),
                choose("receipt", "signed"),
                fill("receiver", "当事人本人"),
                fill("served_at", local(at)),
                fill("served_on", served),
            ],
        );
        self.shown(vec![Shown::Recording, Shown::Party]);
    }

    /// 执行、公开、结案、归档.
    fn close(&mut self) {
        let (paid, published, closed) = (self.day(34), self.day(35), self.day(36));
        self.desk(
            (34, 10),
            "lead",
            "PT-24",
            vec![
                choose("account", "bank"),
                choose("deferral", "none"),
                fill("paid", FINE),
                fill("paid_on", paid),
                fill("receipt_no", "示例票0001"),
            ],
        );
        let (review, suit) = (self.day(29 + 61), self.day(29).saturating_add(6.months()));
        self.desk(
            (34, 10),
            "lead",
            "PT-26",
            vec![
                choose("used", "none"),
                fill("review_until", review),
                fill("suit_until", suit),
            ],
        );
        self.desk(
            (35, 10),
            "lead",
            "PT-28",
            vec![
                choose("publishable", "yes"),
                fill("published_on", published),
                fill("url", "https://example.gov.cn/0001"),
            ],
        );
        self.desk(
            (36, 9),
            "lead",
            "PT-29",
            vec![
                choose("reason", "performed"),
                fill("execution", "罚款已全部缴纳，违法行为已改正。"),
            ],
        );
        self.approve((36, 10), "PT-29-1");
        self.desk((36, 11), "lead", "PT-29", vec![fill("closed_on", closed)]);
        self.desk(
            (36, 14),
            "lead",
            "PT-30",
            vec![
                choose("complete", "yes"),
                fill("index", "示例卷〔2026〕0001，正卷48页"),
                fill("recordings", "示例服务器/2026/0001"),
                fill("archived_on", closed),
            ],
        );
    }
}

/// The acts of a case of a matter found on this day, in order.
#[must_use]
pub fn acts(found: Date) -> Vec<Act> {
    let mut plan = Plan {
        found,
        acts: Vec::new(),
    };
    plan.open();
    plan.inquire();
    plan.review((6, 10), "PT-14");
    let sent = plan.day(3);
    plan.puts(vec![choose("ground", "complex"), fill("sent_on", sent)]);
    plan.tell();
    plan.hear();
    plan.decide();
    plan.close();
    plan.acts
}
