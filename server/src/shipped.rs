//! What comes with the program: procedures and the holiday calendar. Every start puts them into the folder, so that an upgraded
//! server judges and hands out the new versions; records keep the version they were opened under.

use crate::store::{self, WriteTx, refs};
use shared::domain::reference::{ProcedureFile, RefSet};
use shared::rules::calendar::shipped_years;
use shared::rules::procedure::{Procedure, XZJC};

/// Puts what is shipped; what is there already makes no new version.
pub(crate) fn put(tx: &WriteTx<'_>) -> Result<(), store::Error> {
    match Procedure::parse(XZJC) {
        Ok(procedure) => {
            let key = refs::procedure_key(&procedure.id, procedure.version);
            let json = procedure.to_json();
            let row = ProcedureFile {
                id: procedure.id,
                version: procedure.version,
                json,
            };
            refs::put(tx, RefSet::Procedures, &key, None, &row)?;
        }
        Err(bad) => tracing::error!(%bad, "a shipped procedure does not parse"),
    }
    for year in shipped_years() {
        let key = year.year.to_string();
        refs::put(tx, RefSet::Calendar, key.as_bytes(), None, &year)?;
    }
    Ok(())
}
