//! The order in which a record's commits are read: causal, ties by (feed, seq), never by a clock.
//! Apart because phone and server must agree on it whatever arrived first.

use crate::gather;
use crate::id::FeedId;
use crate::log::commit::Commit;
use std::collections::{BTreeMap, BTreeSet};

/// The commits of one record in causal order: after its own feed's earlier commits and after every head it names in `seen`.
///
/// Total and independent of the input's order. A named head that is not among the commits (not yet arrived, or out of
/// scope) does not hold anything up. A commit given twice counts once.
#[must_use]
pub fn causal<'a>(commits: impl IntoIterator<Item = &'a Commit>) -> Vec<&'a Commit> {
    let placed = commits
        .into_iter()
        .map(|c| ((c.header().feed, c.header().seq), c));
    let by_place: BTreeMap<(FeedId, u64), &Commit> = gather::map(placed);
    let mut waits: BTreeMap<(FeedId, u64), usize> = BTreeMap::new();
    let mut unlocks: BTreeMap<(FeedId, u64), Vec<(FeedId, u64)>> = BTreeMap::new();
    for (place, commit) in &by_place {
        let causes = causes(&by_place, commit);
        waits.insert(*place, causes.len());
        for cause in causes {
            unlocks.entry(cause).or_default().push(*place);
        }
    }
    let free = waits.iter().filter(|(_, n)| **n == 0);
    let mut ready: BTreeSet<(FeedId, u64)> = gather::set(free.map(|(p, _)| *p));
    let mut out: Vec<&Commit> = Vec::with_capacity(by_place.len());
    while let Some(place) = ready.pop_first() {
        out.extend(by_place.get(&place));
        for next in unlocks.remove(&place).unwrap_or_default() {
            if let Some(n) = waits.get_mut(&next) {
                *n -= 1;
                if *n == 0 {
                    ready.insert(next);
                }
            }
        }
    }
    // A cycle cannot be made without breaking SHA-256, but a total function does not rest on that.
    if out.len() < by_place.len() {
        let places = out
            .iter()
            .map(|c: &&Commit| (c.header().feed, c.header().seq));
        let done = gather::set(places);
        out.extend(
            by_place
                .iter()
                .filter(|(place, _)| !done.contains(place))
                .map(|(_, c)| *c),
        );
    }
    out
}

/// The latest commits present that this one comes directly after, one per feed.
fn causes(all: &BTreeMap<(FeedId, u64), &Commit>, commit: &Commit) -> BTreeSet<(FeedId, u64)> {
    let header = commit.header();
    let latest = |feed: FeedId, up_to: u64| {
        all.range((feed, 0)..=(feed, up_to))
            .next_back()
            .map(|(place, _)| *place)
    };
    let own = latest(header.feed, header.seq.saturating_sub(1));
    gather::set(
        own.into_iter().chain(
            header
                .seen
                .iter()
                .filter_map(|head| latest(head.feed, head.seq)),
        ),
    )
}
