//! What comes with the program: procedures, law library, checklists, drill scenarios and the holiday calendar. Every start puts them into the
//! folder, so that an upgraded server judges and hands out the new versions; records keep the version they were opened under.
//! A power list and a jurisdiction's thresholds are an office's own: only the demo has samples of them.

use crate::store::refs::{self, Scope};
use crate::store::{self, WriteTx, due, jobs, laws, meta};
use sha2::{Digest, Sha256};
use shared::data;
use shared::domain::reference::{Checklist, Law, RefSet};
use shared::domain::scenario::Scenario;
use shared::instant::Instant;
use shared::library::import::import;
use shared::rules::calendar::shipped_years;
use shared::rules::explain::worded;
use shared::rules::procedure::{self, EARLIER, Procedure, SHIPPED};
use shared::scoring::Schemes;
use shared::text::{Bilingual, Lang};
use shared::training::competency::Catalogue;
use shared::training::scenario;
use std::sync::LazyLock;

/// What is shipped, read.
pub(crate) struct Shipped {
    procedures: Vec<Procedure>,
    laws: Vec<Law>,
    checklists: Vec<Checklist>,
    scenarios: Vec<Scenario>,
}

impl Shipped {
    /// Reads it. What does not read is left out and said: a server that is up with one file less serves better than none.
    pub(crate) fn read() -> Self {
        let mut procedures = Vec::new();
        for text in EARLIER.into_iter().chain(SHIPPED) {
            match Procedure::parse(text) {
                Ok(procedure) => procedures.push(worded(procedure)),
                Err(bad) => tracing::error!(%bad, "a shipped procedure does not parse"),
            }
        }
        let told = |bad: data::BadData| tracing::error!(%bad, "shipped data does not parse");
        Self {
            procedures,
            laws: data::laws().map_err(told).unwrap_or_default(),
            checklists: data::checklists().map_err(told).unwrap_or_default(),
            scenarios: scenario::shipped().map_err(told).unwrap_or_default(),
        }
    }

    /// Puts it into the reference sets; what is there already makes no new version.
    pub(crate) fn put(&self, tx: &WriteTx<'_>) -> Result<(), store::Error> {
        for procedure in &self.procedures {
            let key = refs::procedure_key(&procedure.id, procedure.version);
            refs::put(tx, RefSet::Procedures, &key, Scope::All, procedure)?;
        }
        for law in &self.laws {
            put_law(tx, law.clone())?;
        }
        for list in &self.checklists {
            refs::put(
                tx,
                RefSet::Checklists,
                list.key().as_bytes(),
                Scope::All,
                list,
            )?;
        }
        // An earlier version stays: drills that were played with it are judged by it.
        for scenario in &self.scenarios {
            let key = scenario.key();
            refs::put(tx, RefSet::Scenarios, key.as_bytes(), Scope::All, scenario)?;
        }
        for year in shipped_years() {
            let key = year.year.to_string();
            refs::put(tx, RefSet::Calendar, key.as_bytes(), Scope::All, &year)?;
        }
        due::recount(tx)?;
        score_again(tx)
    }
}

/// The competencies. Without them the pages about training say nothing; everything else serves on.
pub(crate) fn competencies() -> &'static Catalogue {
    static ALL: LazyLock<Catalogue> = LazyLock::new(|| {
        Catalogue::shipped()
            .inspect_err(|bad| tracing::error!(%bad, "the competencies cannot be used"))
            .unwrap_or_default()
    });
    &ALL
}

/// How files are scored. Without it they have their legal grade and no points.
pub(crate) fn schemes() -> &'static Schemes {
    static ALL: LazyLock<Schemes> = LazyLock::new(|| {
        Schemes::shipped()
            .inspect_err(|bad| tracing::error!(%bad, "the scoring schemes cannot be used"))
            .unwrap_or_default()
    });
    &ALL
}

/// Has the files judged again whose points another scheme gave, or none: points are kept with a record.
fn score_again(tx: &WriteTx<'_>) -> Result<(), store::Error> {
    const SCORED_BY: &str = "scored-by";
    let schemes = schemes();
    let now = Sha256::digest(format!("{schemes:?}"));
    if meta::words(tx, SCORED_BY)?.as_deref() == Some(now.as_slice()) {
        return Ok(());
    }
    for procedure in schemes.all().iter().flat_map(|one| &one.procedures) {
        jobs::enqueue_procedure(tx, procedure, Instant::from_millis(0))?;
    }
    // What no scheme scores any more loses its points too.
    jobs::enqueue_scored(tx, Instant::from_millis(0))?;
    meta::remember(tx, SCORED_BY, now.as_slice())
}

/// Puts a law as it is shipped, with the official text that the office imported.
pub(crate) fn put_law(tx: &WriteTx<'_>, mut law: Law) -> Result<(), store::Error> {
    if let Some(text) = laws::text(tx, &law.id)?
        && let Err(bad) = import(&mut law, &text)
    {
        tracing::error!(law = %law.id, %bad, "an imported text no longer reads");
    }
    refs::put(tx, RefSet::Laws, law.id.as_bytes(), Scope::All, &law)
}

/// The name of a procedure by its id; the id where none of this name is shipped.
pub(crate) fn procedure_name(lang: Lang, id: &str) -> &str {
    static ALL: LazyLock<Vec<(String, Bilingual)>> = LazyLock::new(|| {
        let all = procedure::shipped().into_iter();
        all.map(|one| (one.id.to_string(), one.name)).collect()
    });
    let known = ALL.iter().find(|(known, _)| known == id);
    known.map_or(id, |(_, name)| lang.of(name))
}

/// The titles of the drill scenarios, by id.
pub(crate) fn scenarios() -> &'static [(String, Bilingual)] {
    static ALL: LazyLock<Vec<(String, Bilingual)>> = LazyLock::new(|| {
        let all = scenario::shipped().unwrap_or_default().into_iter();
        all.map(|one| (one.id, one.title)).collect()
    });
    &ALL
}
