//! Tests of the blob rows.
