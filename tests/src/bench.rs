//! What is measured, and how it is told: one JSON line for each figure.
//! Apart from the program so that each group is a module of its own.

pub mod again;
pub mod client;
mod crew;
pub mod ingest;
pub mod office;
pub mod rules;
pub mod wire;

use serde_json::{Value, json};

/// One figure of several runs.
#[derive(Debug, Clone)]
pub struct Figure {
    name: &'static str,
    unit: &'static str,
    value: f64,
    samples: Vec<f64>,
}

impl Figure {
    /// The median of these runs.
    #[must_use]
    pub fn median(name: &'static str, unit: &'static str, samples: Vec<f64>) -> Self {
        let value = quantile(&samples, 0.5);
        Self {
            name,
            unit,
            value,
            samples,
        }
    }

    /// The value that one in twenty exceeds.
    #[must_use]
    pub fn p95(name: &'static str, unit: &'static str, samples: Vec<f64>) -> Self {
        let value = quantile(&samples, 0.95);
        Self {
            name,
            unit,
            value,
            samples,
        }
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "name": self.name,
            "value": rounded(self.value),
            "unit": self.unit,
            "runs": self.samples.len(),
            "min": rounded(quantile(&self.samples, 0.0)),
            "max": rounded(quantile(&self.samples, 1.0)),
        })
    }
}

fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// The sample at this part of the sorted list (nearest rank).
#[must_use]
pub fn quantile(samples: &[f64], part: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (part * sorted.len() as f64).ceil() as usize;
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_samples() {
        let samples: Vec<f64> = (1..=20).rev().map(f64::from).collect();
        assert_eq!(quantile(&samples, 0.0), 1.0);
        assert_eq!(quantile(&samples, 0.5), 10.0);
        assert_eq!(quantile(&samples, 0.95), 19.0);
        assert_eq!(quantile(&samples, 1.0), 20.0);
    }
}
