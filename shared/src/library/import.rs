//! Importing a statute's official text (导入法律原文) that an office has as plain text.
//! Apart because this text is not ours: it is read with suspicion and never mixed with what we wrote.

use super::notation;
use crate::domain::reference::{Law, LawArticle};
use crate::text::Bilingual;

/// A statute is never longer than this, in bytes.
pub const MAX_STATUTE_BYTES: usize = 2 * 1024 * 1024;

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// Entries of ours that now have their official text.
    pub filled: usize,
    /// Articles that were added with the official text alone.
    pub added: usize,
}

/// The text cannot be a statute's; lines count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadStatute {
    /// Longer than [`MAX_STATUTE_BYTES`].
    #[error("the text is too long")]
    TooLong,
    /// No line begins with `第…条`.
    #[error("no line begins with an article's number")]
    NoArticle,
    /// An article that does not follow the one before.
    #[error("line {line}: article {article} comes after article {after}")]
    OutOfOrder {
        /// Where.
        line: usize,
        /// The number there.
        article: u32,
        /// The number before.
        after: u32,
    },
    /// An article of no words.
    #[error("line {line}: article {article} has no text")]
    Empty {
        /// Where.
        line: usize,
        /// The number there.
        article: u32,
    },
    /// An inserted article (第…条之…), which citations here cannot name.
    #[error("line {line}: inserted articles cannot be read")]
    Inserted {
        /// Where.
        line: usize,
    },
}

/// An article as it stands in the text: its paragraphs, each with its items.
struct Found {
    line: usize,
    number: u32,
    paragraphs: Vec<String>,
}

/// Gives the law's articles their official text and adds those that it did not have. Importing again replaces the earlier
/// import. On an error the law is unchanged.
///
/// # Errors
/// [`BadStatute`] with the line.
pub fn import(law: &mut Law, text: &str) -> Result<Imported, BadStatute> {
    let found = read(text)?;
    // What an earlier import added goes; what we wrote stays.
    law.articles.retain(|entry| !entry.demand.zh.is_empty());
    let mut imported = Imported {
        filled: 0,
        added: 0,
    };
    for entry in &mut law.articles {
        entry.official = official(&found, &entry.article);
        imported.filled += usize::from(entry.official.is_some());
    }
    for article in &found {
        let number = article.number.to_string();
        if law.articles.iter().any(|entry| entry.article == number) {
            continue;
        }
        imported.added += 1;
        law.articles.push(LawArticle {
            article: number,
            demand: Bilingual::default(),
            confidence: "V".to_owned(),
            official: Some(article.paragraphs.join("\n")),
        });
    }
    law.articles
        .sort_by_cached_key(|entry| notation::parts(&entry.article));
    Ok(imported)
}

/// The official text of `42` or, of `42(1)` and deeper, of the paragraph.
fn official(found: &[Found], article: &str) -> Option<String> {
    let parts = notation::parts(article)?;
    let article = found.iter().find(|f| Some(&f.number) == parts.first())?;
    let paragraph = parts
        .get(1)
        .and_then(|nth| usize::try_from(*nth).ok()?.checked_sub(1))
        .and_then(|nth| article.paragraphs.get(nth));
    Some(paragraph.map_or_else(|| article.paragraphs.join("\n"), Clone::clone))
}

fn read(text: &str) -> Result<Vec<Found>, BadStatute> {
    if text.len() > MAX_STATUTE_BYTES {
        return Err(BadStatute::TooLong);
    }
    let mut found: Vec<Found> = Vec::new();
    for (line, words) in (1..).zip(text.lines()) {
        let words = words.trim_matches(is_blank);
        let after = found.last().map_or(0, |article| article.number);
        if let Some((number, rest)) = opening(words, after, line)? {
            if number <= after {
                return Err(BadStatute::OutOfOrder {
                    line,
                    article: number,
                    after,
                });
            }
            whole(found.last())?;
            found.push(Found {
                line,
                number,
                paragraphs: Vec::new(),
            });
            add(found.last_mut(), rest);
        } else if !is_division(words) {
            add(found.last_mut(), words);
        }
    }
    whole(found.last())?;
    if found.is_empty() {
        return Err(BadStatute::NoArticle);
    }
    Ok(found)
}

/// A line that opens an article. A wrapped line may begin with `第五条的规定` too: it opens one only if a space follows
/// or if it is the very next.
fn opening(words: &str, after: u32, line: usize) -> Result<Option<(u32, &str)>, BadStatute> {
    let Some((number, rest)) = notation::heading(words) else {
        return Ok(None);
    };
    if rest.starts_with("之") && notation::number(&first_letter(rest, '之')).is_some() {
        return Err(BadStatute::Inserted { line });
    }
    let opens = rest.is_empty() || rest.starts_with(is_blank) || number == after + 1;
    Ok(opens.then(|| (number, rest.trim_start_matches(is_blank))))
}

/// The letter after this one.
fn first_letter(text: &str, after: char) -> String {
    text.strip_prefix(after)
        .and_then(|rest| rest.chars().next())
        .map(String::from)
        .unwrap_or_default()
}

fn whole(article: Option<&Found>) -> Result<(), BadStatute> {
    match article {
        Some(article) if article.paragraphs.is_empty() => Err(BadStatute::Empty {
            line: article.line,
            article: article.number,
        }),
        _ => Ok(()),
    }
}

/// Adds a line to the article: an item (（一）…) to its last paragraph, else a paragraph of its own. What stands before the
/// first article, such as the list of contents, is dropped.
fn add(article: Option<&mut Found>, words: &str) {
    let Some(article) = article.filter(|_| !words.is_empty()) else {
        return;
    };
    match article.paragraphs.last_mut() {
        Some(last) if words.starts_with(['（', '(']) => {
            last.push('\n');
            last.push_str(words);
        }
        _ => article.paragraphs.push(words.to_owned()),
    }
}

/// A heading such as 第一章 总则.
fn is_division(words: &str) -> bool {
    let Some(rest) = words
        .trim_start_matches('#')
        .trim_matches(is_blank)
        .strip_prefix('第')
    else {
        return false;
    };
    ["分编", "编", "章", "节"].iter().any(|kind| {
        rest.split_once(kind).is_some_and(|(numeral, title)| {
            notation::number(numeral).is_some() && (title.is_empty() || title.starts_with(is_blank))
        })
    })
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\u{feff}示例法\r\n目录\r\n第一章　总则\r\n第二章　罚则\r\n\r\n第一章　总则\r\n　　\
        第一条　为了示例。\r\n　　第二条 单位应当：\r\n（一）甲；\r\n（二）乙。\r\n第二款说第一条的事。\r\n\
        第一条的规定另行折行。\r\n## 第二章　罚则\r\n　　第三条　违反第二条的，处罚。\r\n";

    fn entry(article: &str, demand: &str) -> LawArticle {
        LawArticle {
            article: article.to_owned(),
            demand: Bilingual {
                zh: demand.to_owned(),
                en: demand.to_owned(),
            },
            confidence: "K".to_owned(),
            official: None,
        }
    }

    fn sample() -> Law {
        Law {
            id: "示例法".to_owned(),
            name: Bilingual::default(),
            number: String::new(),
            initials: "slf".to_owned(),
            from: None,
            to: None,
            articles: vec![
                entry("2(1)", "要求"),
                entry("3", "罚则"),
                entry("9", "没有"),
            ],
        }
    }

    fn official_of<'a>(law: &'a Law, article: &str) -> Option<&'a str> {
        law.articles
            .iter()
            .find(|entry| entry.article == article)?
            .official
            .as_deref()
    }

    #[test]
    fn articles_are_filled_and_added_in_order() {
        let mut law = sample();
        let imported = import(&mut law, TEXT).unwrap();
        assert_eq!(
            imported,
            Imported {
                filled: 2,
                added: 2
            }
        );
        let order: Vec<&str> = law.articles.iter().map(|a| a.article.as_str()).collect();
        assert_eq!(order, ["1", "2", "2(1)", "3", "9"]);
        assert_eq!(official_of(&law, "1"), Some("为了示例。"));
        assert_eq!(
            official_of(&law, "2(1)"),
            Some("单位应当：\n（一）甲；\n（二）乙。")
        );
        assert_eq!(official_of(&law, "3"), Some("违反第二条的，处罚。"));
        assert_eq!(official_of(&law, "9"), None);
        assert!(
            official_of(&law, "2").is_some_and(|text| text.ends_with("第一条的规定另行折行。"))
        );
        assert!(
            law.articles
                .iter()
                .all(|a| !a.official.as_ref().is_some_and(|t| t.contains("罚则")))
        );
    }

    #[test]
    fn importing_again_replaces() {
        let mut law = sample();
        import(&mut law, TEXT).unwrap();
        let imported = import(&mut law, "第三条 新的。").unwrap();
        assert_eq!(imported.added, 0);
        assert_eq!(official_of(&law, "3"), Some("新的。"));
        assert_eq!(law.articles.len(), 3);
        assert_eq!(official_of(&law, "2(1)"), None);
    }

    #[test]
    fn what_is_no_statute_is_refused_and_changes_nothing() {
        let long = "一".repeat(MAX_STATUTE_BYTES);
        for (text, fault) in [
            ("", BadStatute::NoArticle),
            ("关于某事的通知\n一、做好工作。", BadStatute::NoArticle),
            (
                "第一条 甲。\n第三条 乙。\n第二条 丙。",
                BadStatute::OutOfOrder {
                    line: 3,
                    article: 2,
                    after: 3,
                },
            ),
            (
                "第一条 甲。\n第一条 乙。",
                BadStatute::OutOfOrder {
                    line: 2,
                    article: 1,
                    after: 1,
                },
            ),
            (
                "第一条 甲。\n第二条\n第三条 乙。",
                BadStatute::Empty {
                    line: 2,
                    article: 2,
                },
            ),
            (
                "第一条 甲。\n第一条之一 乙。",
                BadStatute::Inserted { line: 2 },
            ),
            (&long, BadStatute::TooLong),
        ] {
            let mut law = sample();
            assert_eq!(import(&mut law, text), Err(fault));
            assert_eq!(law, sample());
        }
    }

    #[test]
    fn a_text_without_spaces_is_read_by_its_sequence() {
        let mut law = sample();
        import(
            &mut law,
            "第一条为了示例。\n第二条应当。\n第九条规定的除外。\n第三条罚。",
        )
        .unwrap();
        assert_eq!(official_of(&law, "2"), Some("应当。\n第九条规定的除外。"));
        assert_eq!(official_of(&law, "3"), Some("罚。"));
    }
}
