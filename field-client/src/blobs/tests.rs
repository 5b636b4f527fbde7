//! Tests of the photo queue.
