//! The client over a machine for tests and a small server of its own.

mod checking;
mod drills;
mod following;
mod journey;
mod numbers;
pub(crate) mod office;
mod own;
mod photos;
mod reference;
mod scenarios;
mod syncing;

use crate::testing::{Browser, Machine, Shown};
use crate::{App, store};
use office::Office;
use shared::instant::Instant;
use std::sync::atomic::{AtomicU32, Ordering};

pub(crate) const PIN: &str = "427193";
/// 2026-11-23 09:00 in Beijing.
pub(crate) const NINE: Instant = Instant::from_millis(1_795_395_600_000);

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A phone in a test: its files vanish with it.
pub(crate) struct Phone {
    pub(crate) machine: Machine,
    pub(crate) app: App,
    pub(crate) browser: Browser,
    pub(crate) office: Office,
    folder: std::path::PathBuf,
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.app.close();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Phone {
    pub(crate) fn new() -> Self {
        let name = format!(
            "field-{}-{}",
            std::process::id(),
            NUMBER.fetch_add(1, Ordering::SeqCst)
        );
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let machine = Machine::new(folder.join("field.db"), NINE);
        let app = App::new(machine.clone());
        let office = Office::new();
        machine.knobs().network = office.network();
        Self {
            browser: Browser::new(app.clone()),
            machine,
            app,
            office,
            folder,
        }
    }

    /// Enrolled and unlocked, with the office's reference data.
    pub(crate) async fn enrolled() -> Self {
        let phone = Self::new();
        let shown = phone.enrol("CODE", PIN).await;
        assert_eq!(shown.status, 303, "{}", shown.html);
        phone
            .app
            .store()
            .write(|tx| store::receive::page(tx, &phone.office.page(), NINE))
            .unwrap();
        phone
    }

    pub(crate) async fn enrol(&self, code: &str, pin: &str) -> Shown {
        let fields = [("code", code), ("pin", pin), ("pin_again", pin)];
        self.browser.post("/field/enrol", &fields).await
    }

    /// Another run of the program over the same files.
    pub(crate) fn restart(&mut self) {
        self.app.store().close();
        self.app = App::new(self.machine.clone());
        self.browser = Browser::new(self.app.clone());
    }

    /// Opens an urgent inspection and gives its address.
    pub(crate) async fn open(&self) -> String {
        let fields = [
            ("procedure", "PROB"),
            ("urgent", "群众举报正在违规作业"),
            ("subject_name", "示例镇某家具厂"),
            ("place", "示例镇示例路1号"),
            ("matter", "M1"),
            ("officers", &self.office.officer.to_string()),
            ("officers", &self.office.colleague.to_string()),
        ];
        let shown = self.browser.post("/field/new", &fields).await;
        assert_eq!(shown.status, 303, "{}", shown.html);
        shown.location
    }

    /// Opens a record of the procedure with every kind of step.
    pub(crate) async fn open_whole(&self, matter: &str) -> String {
        let fields = [
            ("procedure", "WHOL"),
            ("urgent", "群众举报"),
            ("subject", &reference::PARTY.to_string()),
            ("matter", matter),
            ("kind", "case"),
            ("source", "complaint"),
            ("officers", &self.office.officer.to_string()),
            ("officers", &self.office.colleague.to_string()),
        ];
        let shown = self.browser.post("/field/new", &fields).await;
        assert_eq!(shown.status, 303, "{}", shown.html);
        shown.location
    }

    pub(crate) fn facts(&self, path: &str) -> shared::fold::Facts {
        let record = path.rsplit('/').next().unwrap().parse().unwrap();
        let read = |c: &rusqlite::Connection| Ok(crate::sheet::Sheet::read(c, record)?.facts);
        self.app.store().read(read).unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> String {
        let shown = self.browser.get(path).await;
        assert_eq!(shown.status, 200, "{path}: {}", shown.html);
        shown.html
    }
}
