//! What people type finds what they mean, in the library as shipped. Apart for its length.

use super::*;
use crate::data;

/// What was found, as `法名 条`.
fn found(query: &str) -> Vec<String> {
    let laws = data::laws().unwrap();
    search(&laws, query, 20)
        .into_iter()
        .map(|hit| match hit.article {
            Some(article) => format!("{} {}", hit.law.id, article.article),
            None => hit.law.id.clone(),
        })
        .collect()
}

#[test]
fn a_two_letter_word_finds_laws_before_texts() {
    let found = found("消防");
    assert_eq!(found[0], "消防法");
    assert!(found.iter().any(|hit| hit == "河南省消防条例"));
    let law = found
        .iter()
        .position(|hit| hit == "河南省消防条例")
        .unwrap();
    let text = found.iter().position(|hit| hit.contains(' ')).unwrap();
    assert!(law < text, "{found:?}");
}

#[test]
fn one_letter_is_enough() {
    assert!(found("罚").iter().any(|hit| hit == "行政处罚法"));
}

#[test]
fn all_words_must_match() {
    let both = found("处罚法 听证");
    assert!(both.contains(&"行政处罚法 63".to_owned()));
    assert!(both.iter().all(|hit| hit.starts_with("行政处罚法 ")));
    assert!(found("处罚法 火星").is_empty());
}

#[test]
fn initials_find_laws() {
    assert_eq!(found("xzcff")[0], "行政处罚法");
    assert_eq!(found("XZCFF")[0], "行政处罚法");
    assert_eq!(found("rmtjf")[0], "人民调解法");
    assert_eq!(found("xfxf").len(), 0);
    assert_eq!(found("xqgm")[0], "畜禽规模养殖污染防治条例");
}

#[test]
fn an_article_is_found_as_people_write_it() {
    for query in [
        "处罚法55",
        "处罚法第五十五条",
        "行政处罚法 55",
        "xzcff55",
        "行政处罚法 第五十五条",
    ] {
        assert_eq!(found(query)[0], "行政处罚法 55", "{query}");
    }
    assert!(found("55").contains(&"行政处罚法 55".to_owned()));
    assert!(found("第五十五条").contains(&"行政强制法 55".to_owned()));
    assert_eq!(found("法典1131")[0], "生态环境法典 1131(1)");
    assert_eq!(found("消防法60(1)(3)")[0], "消防法 60");
}

#[test]
fn numbers_in_a_title_are_no_articles() {
    assert_eq!(found("国办发〔2024〕54号")[0], "国办发〔2024〕54号");
    assert_eq!(found("国办发〔2024〕54")[0], "国办发〔2024〕54号");
    assert_eq!(found("54号")[0], "国办发〔2024〕54号");
}

#[test]
fn what_was_repealed_comes_last() {
    // The repealed law stands first in the library.
    let found = found("收集 贮存");
    let place = |hit: &str| found.iter().position(|f| f == hit).unwrap();
    assert!(place("畜禽规模养殖污染防治条例 19") < place("固体废物污染环境防治法 65"));
}

#[test]
fn english_is_searched_too() {
    assert!(found("escape ways").contains(&"消防法 28".to_owned()));
    assert_eq!(found("fire protection law")[0], "消防法");
}

#[test]
fn nothing_and_too_much_find_nothing_bad() {
    assert!(found("").is_empty());
    assert!(found(" 　，").is_empty());
    found(&"消".repeat(1000));
    found(&"a ".repeat(1000));
    for odd in ["第", "条", "第条", "()", "1(", ")", "第(1)条"] {
        found(odd);
    }
}

#[test]
fn the_limit_holds() {
    let laws = data::laws().unwrap();
    assert_eq!(search(&laws, "的", 3).len(), 3);
    assert!(search(&laws, "的", 0).is_empty());
}

#[test]
fn official_text_is_searched() {
    let mut laws = data::laws().unwrap();
    let law = laws.iter_mut().find(|law| law.id == "消防法").unwrap();
    super::super::import::import(law, "第一条 独一无二的示例句。").unwrap();
    let hits = search(&laws, "独一无二", 5);
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].rank, Rank::Text);
}
