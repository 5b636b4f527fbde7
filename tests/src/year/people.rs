//! Who is in the demo year: an invented county of three townships, their officers in pairs, and the parties. Names are made by
//! rule; everything is 示例.
//! Apart because the lists are what an administrator would import.

use super::plan::Scale;
use crate::records::Dice;
use jiff::ToSpan as _;
use jiff::civil::Date;
use server::demo::LATER;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A township.
pub(super) struct Town {
    /// Its name on lists.
    pub(super) unit: &'static str,
    /// Its name in addresses.
    pub(super) place: &'static str,
    /// The squad lead's account, and the responsible person's.
    pub(super) lead: &'static str,
    pub(super) head: &'static str,
    /// Who goes out with whom.
    pub(super) pairs: Vec<[String; 2]>,
    /// So many of them, from the first, attend the town's course.
    pub(super) trained: usize,
    pub(super) parties: Vec<Party>,
}

/// An inspected party.
pub(super) struct Party {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) contact: String,
    kind: &'static str,
}

impl Party {
    /// As forms list it.
    pub(super) fn label(&self) -> String {
        format!("{} · {}", self.name, self.address)
    }
}

/// A person who is imported.
pub(super) struct Person {
    pub(super) name: String,
    pub(super) unit: &'static str,
    pub(super) auxiliary: bool,
    /// Days that the certificate is still good for on the last day of the year; none without one.
    held: Option<i64>,
}

/// The county.
pub(super) struct County {
    pub(super) towns: [Town; 3],
    pub(super) people: Vec<Person>,
}

/// The county's own office, which the demo has.
pub(super) const BUREAU: &str = "示例县司法局（示例）";
/// The township that only the demo year has.
pub(super) const THIRD: &str = "青山镇人民政府（示例）";
/// The second township.
const SECOND: &str = "柳河镇人民政府（示例）";

const SURNAMES: [&str; 24] = [
    "刘", "杨", "黄", "胡", "朱", "林", "何", "郭", "罗", "梁", "宋", "唐", "许", "韩", "曹", "彭",
    "曾", "萧", "田", "董", "潘", "袁", "蔡", "蒋",
];
const GIVEN: [&str; 20] = [
    "志明", "丽华", "海波", "秀英", "文斌", "春燕", "建军", "红梅", "永强", "雪梅", "德胜", "玉兰",
    "振宇", "晓东", "桂芳", "新民", "立群", "凤霞", "国庆", "小龙",
];
const STREETS: [&str; 7] = [
    "示范街",
    "文化路",
    "滨河路",
    "北环路",
    "集市街",
    "东岗村",
    "西坡村",
];
/// What parties are called after, and what they are.
const TRADES: [(&str, &str); 14] = [
    ("便民超市", "个体工商户"),
    ("饭店", "个体工商户"),
    ("面馆", "个体工商户"),
    ("汽车维修部", "个体工商户"),
    ("五金店", "个体工商户"),
    ("农资门市部", "个体工商户"),
    ("宾馆", "企业"),
    ("木业加工厂", "企业"),
    ("食品有限公司", "企业"),
    ("建材有限公司", "企业"),
    ("养殖专业合作社", "企业"),
    ("幼儿园", "企业"),
    ("网吧", "个体工商户"),
    ("快递服务站", "个体工商户"),
];
const LUCKY: [&str; 16] = [
    "兴隆",
    "顺发",
    "惠民",
    "好运",
    "金穗",
    "鑫源",
    "福满",
    "德盛",
    "宏达",
    "永昌",
    "新天地",
    "四季",
    "吉祥",
    "百姓",
    "大众",
    "旺角",
];

/// Days that certificates are still good for at the end of the year, one after the other.
const HELD: [i64; 15] = [
    900, 620, 1_400, 75, 410, 1_100, 300, 730, 20, 1_440, 150, 540, 980, 365, 88,
];

struct Names {
    taken: BTreeSet<String>,
    dice: Dice,
}

impl Names {
    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        let at = self.dice.roll(list.len() as u64);
        let at = usize::try_from(at).unwrap_or(0);
        list.get(at).copied().unwrap_or_default()
    }

    /// A name that nobody has yet.
    fn person(&mut self) -> String {
        loop {
            let name = format!("{}{}", self.pick(&SURNAMES), self.pick(&GIVEN));
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }

    fn party(&mut self, place: &str) -> Party {
        loop {
            let at = usize::try_from(self.dice.roll(TRADES.len() as u64)).unwrap_or(0);
            let (trade, kind) = TRADES.get(at).copied().unwrap_or(("商店", "企业"));
            let name = format!("{place}{}{trade}（示例）", self.pick(&LUCKY));
            if !self.taken.insert(name.clone()) {
                continue;
            }
            let (street, number) = (self.pick(&STREETS), self.dice.roll(180) + 1);
            let contact = format!("{}{}", self.pick(&SURNAMES), self.pick(&GIVEN));
            return Party {
                address: format!("{place}{street}{number}号"),
                name,
                contact,
                kind,
            };
        }
    }
}

/// The townships: name, name in addresses, accounts of squad lead and responsible person, pairs beside those that the demo has.
const TOWNS: [(&str, &str, &str, &str, usize); 3] = [
    ("云溪镇人民政府（示例）", "云溪镇", "lead", "head", 6),
    (SECOND, "柳河镇", "lead-liuhe", LATER[0].0, 6),
    (THIRD, "青山镇", LATER[1].0, LATER[2].0, 7),
];
/// Parties of each township beside the demo's.
const PARTIES: usize = 196;

/// Certificates that are given out one after the other.
type Held = std::iter::Cycle<std::array::IntoIter<i64, 15>>;

impl Names {
    /// A township's own pairs, and the same people as they are imported.
    fn pairs(
        &mut self,
        (unit, count): (&'static str, usize),
        held: &mut Held,
    ) -> (Vec<[String; 2]>, Vec<Person>) {
        let (mut pairs, mut people) = (Vec::new(), Vec::new());
        for nth in 0..count {
            let lead = nth == 0 && unit == THIRD;
            let first = match lead {
                true => LATER[1].1.to_owned(),
                false => self.person(),
            };
            let pair = [first, self.person()];
            people.extend(pair.iter().map(|name| Person {
                name: name.clone(),
                unit,
                auxiliary: false,
                held: held.next(),
            }));
            pairs.push(pair);
        }
        (pairs, people)
    }

    /// Whoever goes out nowhere: heads, auxiliaries, legal reviewers, the county's office.
    fn rest(&mut self) -> Vec<Person> {
        let mut person = |name: &str, unit, auxiliary, held| Person {
            name: match name {
                "" => self.person(),
                name => name.to_owned(),
            },
            unit,
            auxiliary,
            held,
        };
        let mut people = Vec::new();
        for ((_, name, _), unit) in [(LATER[0], SECOND), (LATER[2], THIRD)] {
            people.push(person(name, unit, false, None));
            people.push(person("", unit, true, None));
        }
        for (unit, held) in [(SECOND, 160), (THIRD, -12), (BUREAU, 700), (BUREAU, 28)] {
            people.push(person("", unit, false, Some(held)));
        }
        people
    }
}

/// The county; the same for the same seed.
pub(super) fn county(seed: u64, scale: Scale) -> County {
    let mut names = Names {
        taken: BTreeSet::new(),
        dice: Dice::new(seed),
    };
    let mut held = HELD.into_iter().cycle();
    let mut people = Vec::new();
    let known = |names: [&str; 2]| names.map(str::to_owned);
    let towns = TOWNS.map(|(unit, place, lead, head, count)| {
        let (mut pairs, own) = names.pairs((unit, count), &mut held);
        people.extend(own);
        match place {
            "云溪镇" => {
                pairs.insert(0, known(["李晓燕", "王建国"]));
                pairs.insert(4, known(["陈立新", "赵敏"]));
            }
            "柳河镇" => pairs.insert(4, known(["高云峰", "欧阳海清"])),
            _ => {}
        }
        pairs.truncate(scale.pairs);
        let parties = 0..scale.parties.min(PARTIES);
        Town {
            unit,
            place,
            lead,
            head,
            trained: pairs.len().div_ceil(2),
            pairs,
            parties: parties.map(|_| names.party(place)).collect(),
        }
    });
    people.extend(names.rest());
    County { towns, people }
}

impl County {
    /// The people as a list to import; certificates were given five years before they end.
    pub(super) fn officers_csv(&self, last: Date) -> String {
        let mut csv = "姓名,单位,辅助人员,证件号,有效期起,有效期止\n".to_owned();
        for (number, person) in (1..).zip(&self.people) {
            let auxiliary = if person.auxiliary { "是" } else { "否" };
            let (mut card, mut from, mut to) = Default::default();
            if let Some(days) = person.held {
                let ends = last.saturating_add(days.days());
                card = format!("示例9{number:05}");
                from = ends.saturating_sub(5.years()).to_string();
                to = ends.to_string();
            }
            let Person { name, unit, .. } = person;
            // Writing into a text cannot fail.
            let _ = writeln!(csv, "{name},{unit},{auxiliary},{card},{from},{to}");
        }
        csv
    }

    /// The parties as a list to import.
    pub(super) fn parties_csv(&self) -> String {
        let mut csv = "名称,类别,地址,联系人\n".to_owned();
        for party in self.towns.iter().flat_map(|town| &town.parties) {
            let Party {
                name,
                address,
                contact,
                kind,
            } = party;
            let _ = writeln!(csv, "{name},{kind},{address},{contact}");
        }
        csv
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_county_is_as_large_as_it_is_said_to_be() {
        let county = county(7, Scale::FULL);
        // With the demo's fourteen and its twelve parties.
        assert_eq!(county.people.len() + 14, 60);
        let parties = county.towns.iter().map(|town| town.parties.len());
        assert_eq!(parties.sum::<usize>() + 12, 600);
        assert_eq!(
            county.towns.each_ref().map(|town| town.pairs.len()),
            [8, 7, 7]
        );
        let csv = county.officers_csv(jiff::civil::date(2026, 11, 24));
        assert_eq!(csv.lines().count(), 47);
    }
}
