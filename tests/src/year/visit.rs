//! An inspection of the demo year, page by page on the phone of whoever leads it: with what is done well, and with what is left out.
//! Apart because this is the inspection itself; who goes where and what they leave out is decided elsewhere.

use super::pocket::{PIN, Pocket};
use crate::journey::local;
use crate::records::Dice;
use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shared::id::OfficerId;
use shared::instant::{Instant, MINUTE_MS};

/// A drawing (示例) that stands for every photo.
const SCENE: &[u8] = include_bytes!("scene.jpg");
/// Where in it the first quantiser stands: another one is another picture, lighter or darker.
const SHADE: usize = 25;

/// What is left out of an inspection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Lacks {
    /// K01: nothing shows that the certificates were shown.
    pub(super) certificates: bool,
    /// K06: somebody did not sign the on-site record, and nothing says why.
    pub(super) signature: bool,
    /// K08: the result is told too late.
    pub(super) result: bool,
    /// K07: no recording.
    pub(super) recording: bool,
    /// K05: an item of the checklist has no answer.
    pub(super) item: bool,
}

impl Lacks {
    /// The competencies that are lacking.
    pub(super) fn competencies(self) -> impl Iterator<Item = &'static str> {
        let all = [
            ("K01", self.certificates),
            ("K05", self.item),
            ("K06", self.signature),
            ("K07", self.recording),
            ("K08", self.result),
        ];
        all.into_iter()
            .filter_map(|(code, lacks)| lacks.then_some(code))
    }
}

/// What is found, and how the party takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Course {
    /// Something has to be corrected.
    pub(super) fault: bool,
    /// The party refuses to sign, which is put on record as it should be.
    pub(super) refused: bool,
}

/// An inspection that is about to be made.
pub(super) struct Visit<'a> {
    pub(super) phone: &'a mut Pocket,
    pub(super) dice: &'a mut Dice,
    /// Its record.
    pub(super) record: String,
    /// Where.
    pub(super) place: &'a str,
    /// Who speaks for the party.
    pub(super) contact: &'a str,
    /// Who inspects; the first has the phone.
    pub(super) officers: &'a [OfficerId; 2],
    /// A number that no other record of the year has.
    pub(super) number: usize,
    pub(super) lacks: Lacks,
    pub(super) course: Course,
}

impl Visit<'_> {
    fn now(&self) -> Instant {
        self.phone.clock().read()
    }

    /// Some minutes go by.
    fn minutes(&mut self, least: i64, sides: u64) -> Result<()> {
        let more = i64::try_from(self.dice.roll(sides))?;
        self.phone.clock().advance((least + more) * MINUTE_MS);
        Ok(())
    }

    async fn step(&mut self, step: &str) -> Result<()> {
        let path = format!("/field/r/{}/s/{step}", self.record);
        self.phone.open(&path).await
    }

    async fn choose(&mut self, field: &str, code: &str) -> Result<()> {
        self.phone.act(&format!("set:{field}:{code}"), &[]).await
    }

    /// Opens the record of an inspection that could not wait and that nobody assigned.
    pub(super) async fn open_urgent(
        &mut self,
        party: &str,
        matter: &str,
        officers: &[OfficerId; 2],
    ) -> Result<()> {
        self.phone.open("/field/new").await?;
        let page = self.phone.page();
        let form = page.form_with("urgent").context("no form")?;
        let subject = form.choice("subject", party).context("no such party")?;
        let form = form
            .set("urgent", "群众来电反映正在发生，须立即到场")
            .set("subject", &subject)
            .set("place", self.place)
            .set("matter", matter)
            .set("officers", &officers[0].to_string())
            .add("officers", &officers[1].to_string());
        self.phone.send(form).await?;
        let path = self.phone.page().path.clone();
        let record = path.strip_prefix("/field/r/").context(path.clone())?;
        record.clone_into(&mut self.record);
        Ok(())
    }

    /// From the certificates to the last signature on site.
    pub(super) async fn on_site(&mut self) -> Result<()> {
        let start = self.now();
        self.officers().await.context("JC-08")?;
        self.certificates().await.context("JC-10")?;
        self.notice().await.context("JC-11")?;
        self.present().await.context("JC-12")?;
        self.checklist().await.context("JC-13")?;
        self.on_site_record(start).await.context("JC-14")?;
        self.recording(start).await.context("JC-15")
    }

    async fn officers(&mut self) -> Result<()> {
        self.step("JC-08").await?;
        self.choose("recusal", "none").await?;
        self.phone.done(&[]).await
    }

    async fn certificates(&mut self) -> Result<()> {
        self.minutes(1, 2)?;
        self.step("JC-10").await?;
        if self.lacks.certificates {
            if self.dice.once_in(2) {
                return self.phone.done(&[]).await;
            }
            let why = [("reason", "到场后直接开始检查，没有出示证件")];
            return self.phone.act("notdone", &why).await;
        }
        match self.dice.roll(10) {
            0..6 => {
                let tape = self.tape();
                self.phone.done(&[("recording", &tape)]).await
            }
            6..9 => {
                self.phone.act("go:party", &[]).await?;
                let name = [("name", self.contact)];
                self.phone.act("confirm", &name).await?;
                self.phone.done(&[]).await
            }
            _ => {
                self.photo("双方执法证件").await?;
                self.phone.done(&[]).await
            }
        }
    }

    /// The number of the body camera's file.
    fn tape(&self) -> String {
        format!("A-{:05}", self.number)
    }

    async fn photo(&mut self, caption: &str) -> Result<()> {
        let mut scene = SCENE.to_vec();
        let shades = self.number.to_le_bytes().into_iter().zip(caption.bytes());
        for (at, (number, letter)) in shades.take(4).enumerate() {
            if let Some(byte) = scene.get_mut(SHADE + at) {
                *byte = 8 + number % 40 + letter % 8;
            }
        }
        let picture = URL_SAFE_NO_PAD.encode(&scene);
        let (original, taken) = ("5a".repeat(32), self.now().as_millis());
        let photo = format!("v1;{original};{taken};30123456,112654321,12;{picture};{picture}");
        let fill = [("caption", caption), ("photo", &photo)];
        self.phone.act("save", &fill).await
    }

    /// The party reads the document of this step and signs it.
    async fn party_signs(&mut self, step: &str) -> Result<()> {
        let path = format!("/field/r/{}/s/{step}/sign", self.record);
        self.phone.open(&path).await?;
        let name = [("name", self.contact)];
        self.phone.press("以上记录属实，我确认", &name).await
    }

    async fn notice(&mut self) -> Result<()> {
        self.minutes(1, 2)?;
        self.step("JC-11").await?;
        self.choose("rights", "yes").await?;
        let year = self.now().date().year();
        let number = format!("示例检通〔{year}〕{}号", self.number);
        self.phone.act("save", &[("f.notice_no", &number)]).await?;
        self.party_signs("JC-11").await?;
        self.phone.done(&[]).await
    }

    async fn present(&mut self) -> Result<()> {
        self.minutes(1, 1)?;
        self.step("JC-12").await?;
        self.choose("role", "manager").await?;
        self.choose("insisted", "no").await?;
        self.phone.done(&[("f.who", self.contact)]).await
    }

    /// The checklist's items on the page, in their order.
    fn items(&self) -> Vec<String> {
        let forms = self.phone.page().forms();
        let buttons = forms.iter().flat_map(|form| &form.buttons);
        let acts = buttons.filter_map(|button| Some(&button.pair.as_ref()?.1));
        let passes = acts.filter_map(|act| act.strip_prefix("set:")?.strip_suffix(":pass"));
        passes.map(str::to_owned).collect()
    }

    /// Every item; where there is a fault, the first is not as it should be.
    async fn checklist(&mut self) -> Result<()> {
        self.minutes(2, 3)?;
        self.step("JC-13").await?;
        let items = self.items();
        let answered = items.len() - usize::from(self.lacks.item && !items.is_empty());
        for (at, item) in items.iter().take(answered).enumerate() {
            self.minutes(0, 2)?;
            let fault = at == 0 && self.course.fault;
            self.choose(item, if fault { "fail" } else { "pass" })
                .await?;
            if fault {
                self.phone.act(&format!("add:{item}.note:0"), &[]).await?;
            }
        }
        if self.course.fault {
            self.photo("现场情况").await?;
        }
        self.choose("outside", "no").await?;
        self.phone.done(&[]).await
    }

    async fn on_site_record(&mut self, start: Instant) -> Result<()> {
        self.minutes(3, 5)?;
        self.step("JC-14").await?;
        let (start, end) = (local(start), local(self.now()));
        let present = format!("{}，现场负责人", self.contact);
        let facts = if self.course.fault {
            "执法人员到场后出示执法证件，说明来意，并告知权利。逐项检查，发现的问题见检查表和照片。"
        } else {
            "执法人员到场后出示执法证件，说明来意，并告知权利。现场逐项检查，未发现问题。"
        };
        let fill = [
            ("f.place", self.place),
            ("f.start", &start),
            ("f.end", &end),
            ("f.present", &present),
            ("f.facts", facts),
            ("f.opinion", "无意见。"),
        ];
        self.phone.act("save", &fill).await?;
        // Whose signature is missing, if one is: the colleague's or the party's.
        let party = self.lacks.signature && self.dice.once_in(2);
        let colleague = self.lacks.signature && !party;
        self.pins(!colleague).await?;
        if self.course.refused && !self.lacks.signature {
            self.party_refuses().await?;
        } else if !party {
            self.party_signs("JC-14").await?;
        }
        self.step("JC-14").await?;
        self.phone.done(&[]).await
    }

    /// The officers confirm what stands on the page by their PINs.
    async fn pins(&mut self, both: bool) -> Result<()> {
        let names = self.officers.map(|officer| format!("pin.{officer}"));
        let signers = names.iter().take(if both { 2 } else { 1 });
        let fill: Vec<(&str, &str)> = signers.map(|name| (name.as_str(), PIN)).collect();
        self.phone.act("save", &fill).await
    }

    async fn party_refuses(&mut self) -> Result<()> {
        let path = format!("/field/r/{}/s/JC-14/sign", self.record);
        self.phone.open(&path).await?;
        let tape = self.tape();
        let fill = [
            ("reason", "对检查情况有异议，拒绝签字"),
            ("witness", "村民委员会 刘某"),
            ("recording", &tape),
        ];
        self.phone.press("记录拒签", &fill).await
    }

    async fn recording(&mut self, start: Instant) -> Result<()> {
        self.minutes(1, 2)?;
        self.step("JC-15").await?;
        if self.lacks.recording {
            return self
                .phone
                .act("notdone", &[("reason", "执法记录仪没电，没有录像")])
                .await;
        }
        let (started, stopped, tape) = (local(start), local(self.now()), self.tape());
        let fill = [
            ("f.device", "执法记录仪Z-03"),
            ("f.started", &started),
            ("f.stopped", &stopped),
            ("recording", &tape),
        ];
        self.phone.done(&fill).await
    }

    /// The party is told, and it is decided what follows. Gives the record of the order to correct, if there is one.
    pub(super) async fn result(&mut self) -> Result<Option<String>> {
        self.minutes(1, 3)?;
        self.step("JC-16").await?;
        let (result, exit) = if self.course.fault {
            ("correction", "correction")
        } else {
            ("no_problem", "closed")
        };
        self.choose("result", result).await?;
        self.phone.done(&[("f.told_to", self.contact)]).await?;
        self.step("JC-17").await?;
        self.choose("exit", exit).await?;
        self.phone.done(&[]).await?;
        if self.course.fault {
            return self.order().await.context("the order").map(Some);
        }
        Ok(None)
    }

    async fn order(&mut self) -> Result<String> {
        self.minutes(1, 3)?;
        self.step("JC-17").await?;
        self.phone.press("制作责令改正通知书", &[]).await?;
        let path = self.phone.page().path.clone();
        let order = path.strip_prefix("/field/r/").context(path.clone())?;
        let inspection = std::mem::replace(&mut self.record, order.to_owned());
        self.step("GZ-01").await?;
        self.photo("改正前").await?;
        self.phone
            .done(&[("f.before", "详见现场检查笔录和所附照片。")])
            .await?;
        self.step("GZ-02").await?;
        self.choose("how", "by_day").await?;
        self.choose("stop_work", "no").await?;
        let pulled = self.phone.offers("pull:items");
        if pulled {
            self.phone.act("pull:items", &[]).await?;
        }
        let now = self.now();
        let number = format!("示例责改〔{}〕{}号", now.date().year(), self.number);
        let days = 5 + i64::try_from(self.dice.roll(11))?;
        let until = now.plus_millis(days * shared::instant::DAY_MS).date();
        let (until, today) = (until.to_string(), now.date().to_string());
        let mut fill = vec![
            ("f.number", number.as_str()),
            ("f.deadline", &until),
            ("f.issued_on", &today),
        ];
        if !pulled {
            fill.push(("f.items", "按现场检查笔录所列问题逐项改正。"));
        }
        self.phone.act("save", &fill).await?;
        self.pins(true).await?;
        self.party_signs("GZ-02").await?;
        self.step("GZ-02").await?;
        self.phone.done(&[]).await?;
        self.minutes(1, 1)?;
        self.step("GZ-03").await?;
        self.choose("feasible", "yes").await?;
        self.phone.done(&[]).await?;
        self.step("GZ-05").await?;
        self.choose("method", "on_site").await?;
        let served = local(self.now());
        let fill = [("f.served_at", &*served), ("f.receiver", self.contact)];
        self.phone.done(&fill).await?;
        Ok(std::mem::replace(&mut self.record, inspection))
    }

    /// Looks at what was ordered; `corrected` says what is found.
    pub(super) async fn recheck(&mut self, corrected: bool) -> Result<()> {
        let start = self.now();
        self.minutes(5, 20)?;
        self.step("GZ-06").await?;
        let (result, exit) = if corrected {
            ("corrected", "closed")
        } else {
            ("not", "again")
        };
        self.choose("result", result).await?;
        let (start, end) = (local(start), local(self.now()));
        let found = if corrected {
            "第1项已改正。"
        } else {
            "第1项未改正，现状与上次检查相同。"
        };
        let fill = [
            ("f.place", self.place),
            ("f.start", &start),
            ("f.end", &end),
            ("f.findings", found),
        ];
        self.phone.act("save", &fill).await?;
        self.photo("复查").await?;
        self.pins(true).await?;
        self.party_signs("GZ-06").await?;
        self.step("GZ-06").await?;
        self.phone.done(&[]).await?;
        self.minutes(1, 2)?;
        self.step("GZ-07").await?;
        self.choose("exit", exit).await?;
        self.phone.done(&[]).await?;
        self.submit().await
    }

    /// Withdraws how a step ended, adds what was missing, and ends it again.
    pub(super) async fn correct(&mut self, step: &str) -> Result<()> {
        let start = self.now();
        let path = format!("/field/r/{}/s/{step}/amend", self.record);
        self.phone.open(&path).await?;
        let why = [("reason", "按监督意见补正")];
        self.phone.press("撤回并重新填写", &why).await?;
        match step {
            "JC-10" => {
                let tape = self.tape();
                self.phone.done(&[("recording", &tape)]).await
            }
            "JC-14" => self.sign_again().await,
            "JC-15" => self.recording_again(start).await,
            _ => self.answer_rest().await,
        }
    }

    /// Whoever has not signed does so now.
    async fn sign_again(&mut self) -> Result<()> {
        let forms = self.phone.page().forms();
        let names = forms.iter().flat_map(|form| &form.names);
        let missing: Vec<String> = names.filter(|n| n.starts_with("pin.")).cloned().collect();
        let fill: Vec<(&str, &str)> = missing.iter().map(|name| (name.as_str(), PIN)).collect();
        self.phone.act("save", &fill).await?;
        self.party_signs("JC-14").await?;
        self.step("JC-14").await?;
        self.phone.done(&[]).await
    }

    async fn recording_again(&mut self, at: Instant) -> Result<()> {
        let (at, tape) = (local(at), self.tape());
        let fill = [
            ("f.device", "执法记录仪Z-03"),
            ("f.started", &at),
            ("f.stopped", &at),
            ("recording", &tape),
        ];
        self.phone.done(&fill).await
    }

    /// Every item without an answer gets one.
    async fn answer_rest(&mut self) -> Result<()> {
        for item in self.items() {
            self.choose(&item, "pass").await?;
        }
        self.phone.done(&[]).await
    }

    /// Hands the record in.
    pub(super) async fn submit(&mut self) -> Result<()> {
        self.minutes(1, 1)?;
        let path = format!("/field/r/{}/submit", self.record);
        self.phone.open(&path).await?;
        self.phone.press("提交", &[]).await
    }
}
