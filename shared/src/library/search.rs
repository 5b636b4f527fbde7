//! Search over the library. Apart because it is called at every key and must not allocate per article.

use super::notation;
use crate::domain::reference::{Law, LawArticle};

/// No more of a query is read.
const MAX_QUERY_BYTES: usize = 200;
/// No more words of a query are read.
const MAX_WORDS: usize = 8;

/// Why something was found; the order is that of the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// The article's number was asked for.
    Article,
    /// The law's name, number or initials.
    Law,
    /// Words of the article.
    Text,
}

/// Something that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit<'a> {
    /// The law.
    pub law: &'a Law,
    /// The article; none: the law as a whole.
    pub article: Option<&'a LawArticle>,
    /// Why.
    pub rank: Rank,
}

/// One word of a query.
struct Word<'q> {
    whole: &'q str,
    /// The word as a law's name and an article number: `处罚法55` is both.
    split: Option<(&'q str, String)>,
}

/// How well a word names a law, from 0 (its very name); none: it does not.
type Naming = Option<u8>;

/// What a word says of one law.
struct Named {
    whole: Naming,
    part: Naming,
}

/// What precedes what: rank, quality, repealed laws last, then the library's own order.
type Key = (Rank, u8, bool, usize, usize);

/// Laws and articles that have all words of the query, best first.
#[must_use]
pub fn search<'a>(laws: &'a [Law], query: &str, limit: usize) -> Vec<Hit<'a>> {
    let words = words(query);
    if words.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(Key, Hit<'a>)> = Vec::new();
    let mut named = Vec::with_capacity(words.len());
    for (place, law) in laws.iter().enumerate() {
        named.clear();
        named.extend(words.iter().map(|word| Named {
            whole: naming(law, word.whole),
            part: word.split.as_ref().and_then(|(name, _)| naming(law, name)),
        }));
        let repealed = law.to.is_some();
        if let Some(quality) = worst(named.iter().map(|n| n.whole)) {
            let hit = Hit {
                law,
                article: None,
                rank: Rank::Law,
            };
            found.push(((Rank::Law, quality, repealed, place, 0), hit));
        }
        for (nth, article) in law.articles.iter().enumerate() {
            if let Some((rank, quality)) = judge(article, &words, &named) {
                let hit = Hit {
                    law,
                    article: Some(article),
                    rank,
                };
                found.push(((rank, quality, repealed, place, nth), hit));
            }
        }
    }
    found.sort_unstable_by_key(|(key, _)| *key);
    found.truncate(limit);
    found.into_iter().map(|(_, hit)| hit).collect()
}

fn words(query: &str) -> Vec<Word<'_>> {
    let mut end = query.len().min(MAX_QUERY_BYTES);
    while !query.is_char_boundary(end) {
        end -= 1;
    }
    query
        .get(..end)
        .unwrap_or("")
        .split(|c: char| c.is_whitespace() || "，、；。,;".contains(c))
        .filter(|word| !word.is_empty())
        .take(MAX_WORDS)
        .map(|whole| Word {
            whole,
            split: split(whole),
        })
        .collect()
}

/// `处罚法55`, `处罚法第五十五条` and `55` as name and article.
fn split(word: &str) -> Option<(&str, String)> {
    let start = if word.ends_with(|c: char| c.is_ascii_digit() || c == ')') {
        let tail = word
            .trim_end_matches(|c: char| c.is_ascii_digit() || "()".contains(c))
            .len();
        // A bracket before the number belongs to the name, as in `（2024）54`.
        tail + word.get(tail..)?.find(|c: char| c.is_ascii_digit())?
    } else {
        word.find('第').unwrap_or(0)
    };
    let (name, number) = word.split_at_checked(start)?;
    Some((name, notation::cited(number)?))
}

/// The worst of the qualities; none if one is missing.
fn worst(mut qualities: impl Iterator<Item = Naming>) -> Naming {
    qualities.try_fold(0, |worst, quality| {
        quality.map(|quality| worst.max(quality))
    })
}

/// How well this text names the law.
fn naming(law: &Law, text: &str) -> Naming {
    let initials = text.bytes().all(|b| b.is_ascii_alphanumeric());
    if text.is_empty() {
        None
    } else if law.id == text || (initials && law.initials.eq_ignore_ascii_case(text)) {
        Some(0)
    } else if law.id.starts_with(text) || (initials && starts(&law.initials, text)) {
        Some(1)
    } else if law.id.contains(text) || (initials && text.len() > 1 && has(&law.initials, text)) {
        Some(2)
    } else if has(&law.name.zh, text) || has(&law.number, text) || has(&law.name.en, text) {
        Some(3)
    } else {
        None
    }
}

/// Whether the article, with its law, has all words, and at least one of them itself.
fn judge(article: &LawArticle, words: &[Word<'_>], named: &[Named]) -> Option<(Rank, u8)> {
    let mut rank = None;
    let mut quality = 0;
    for (word, named) in words.iter().zip(named) {
        if let Some(own) = numbered(article, word, named) {
            rank = Some(Rank::Article);
            quality = quality.max(own);
        } else if let Some(own) = worded(article, word.whole) {
            rank = rank.or(Some(Rank::Text));
            quality = quality.max(own);
        } else {
            quality = quality.max(named.whole?);
        }
    }
    rank.map(|rank| (rank, quality))
}

/// Whether the word asks for this article by its number.
fn numbered(article: &LawArticle, word: &Word<'_>, named: &Named) -> Naming {
    let (name, number) = word.split.as_ref()?;
    let law = if name.is_empty() { Some(0) } else { named.part }?;
    if article.article == *number {
        Some(law)
    } else if notation::within(&article.article, number)
        || notation::within(number, &article.article)
    {
        // A paragraph of what was asked for, or the article around it.
        Some(law.saturating_add(1)).filter(|_| !article.article.is_empty())
    } else {
        None
    }
}

fn worded(article: &LawArticle, text: &str) -> Naming {
    if has(&article.demand.zh, text) {
        Some(0)
    } else if has(&article.demand.en, text) {
        Some(1)
    } else if article
        .official
        .as_ref()
        .is_some_and(|official| has(official, text))
    {
        Some(2)
    } else {
        None
    }
}

fn starts(text: &str, with: &str) -> bool {
    text.get(..with.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(with))
}

/// Whether the text has the word; Latin letters of either case.
fn has(text: &str, word: &str) -> bool {
    if !word.bytes().any(|b| b.is_ascii_alphabetic()) {
        return text.contains(word);
    }
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let Some(first) = word.first() else {
        return true;
    };
    text.windows(word.len()).any(|window| {
        window
            .first()
            .is_some_and(|b| b.eq_ignore_ascii_case(first))
            && window.eq_ignore_ascii_case(word)
    })
}

#[cfg(test)]
mod tests;
