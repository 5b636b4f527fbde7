//! Maps and sets filled one by one. `collect` sorts first, with a sort compiled for every type: twenty of those were a
//! twentieth of what a phone downloads.

use std::collections::{BTreeMap, BTreeSet};

/// A map of these pairs; of two with the same key the later counts.
pub fn map<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(pairs);
    map
}

/// A set of these.
pub fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    set.extend(items);
    set
}
