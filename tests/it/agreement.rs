//! One rule program on both sides: for a thousand made-up inspections, arrived in any order, the phone shows exactly the gaps
//! that the office shows.

use shared::id::RecordId;
use shared::instant::{DAY_MS, Instant};
use shared::log::commit::Commit;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tests::device::Device;
use tests::hands::Hands;
use tests::here::{Here, Phone};
use tests::machine::Clock;
use tests::office::{Office, gaps_on};
use tests::records::{self, Cast, Dice};

/// How many inspections.
const RECORDS: usize = 1_000;
/// Commits in one push.
const PUSHED_AT_ONCE: u64 = 40;
/// Of so many inspections one document is compared too.
const DOCUMENTS_EVERY: usize = 20;
/// A Monday in Beijing, with a holiday some weeks before.
const NOW: Instant = Instant::from_millis(1_795_400_000_000);

#[tokio::test]
async fn phone_and_office_find_the_same_gaps() {
    let here = Here::open(&Clock::at(NOW)).await.unwrap();
    let mut authors = [
        here.device("李晓燕", 11).await.unwrap(),
        here.device("王建国", 12).await.unwrap(),
    ];
    let mut dice = Dice::new(1);
    let (ids, chains) = invent(&mut dice, &mut authors);
    let mut phone = here.phone("赵敏", 3).await.unwrap();
    arrive(&mut dice, &authors, &chains, &mut phone).await;
    here.app.run_due_jobs().await.unwrap();
    phone.upload_all().await.unwrap();
    until_known(&mut phone, ids.last().unwrap()).await;
    compare(&here, &mut phone, &ids).await;
}

/// Seals everything: for each author a chain of commits in the order in which that author wrote them.
fn invent(dice: &mut Dice, authors: &mut [Device; 2]) -> (Vec<RecordId>, [Vec<Commit>; 2]) {
    let cast = Cast {
        unit: authors[0].unit(),
        authors: [authors[0].officer(), authors[1].officer()],
        // One whose certificate ended, one who is auxiliary, one from elsewhere.
        others: [5, 6, 9].map(server::demo::officer).to_vec(),
    };
    let mut chains = [Vec::new(), Vec::new()];
    let mut ids = Vec::new();
    for _ in 0..RECORDS {
        let record = authors[0].fresh_record();
        ids.push(record);
        let day = NOW.plus_millis(-DAY_MS * i64::try_from(dice.roll(70)).unwrap());
        let mut begun = false;
        let mut unseen: [Vec<Commit>; 2] = [Vec::new(), Vec::new()];
        for part in records::inspection(dice, &cast, day) {
            let author = part.author;
            if part.informed {
                for commit in unseen[author].drain(..) {
                    authors[author].see(&commit);
                }
            }
            let at = part.events[0].recorded_at;
            let commit = authors[author].seal(record, &part.events, at).unwrap();
            let mut sealed = vec![commit];
            // What opened a record is never withdrawn: the record is voided instead.
            if begun && dice.once_in(12) {
                let (place, _) = sealed[0].events().next().unwrap();
                let amends = [records::amended(place, at)];
                sealed.push(authors[author].seal(record, &amends, at).unwrap());
            }
            begun = true;
            unseen[1 - author].extend(sealed.iter().cloned());
            chains[author].extend(sealed);
        }
    }
    (ids, chains)
}

/// Pushes both chains in turns of random length, repeating some; the phone pulls whenever it likes.
async fn arrive(
    dice: &mut Dice,
    authors: &[Device; 2],
    chains: &[Vec<Commit>; 2],
    phone: &mut Phone,
) {
    let mut sent = [0, 0];
    while sent[0] < chains[0].len() || sent[1] < chains[1].len() {
        let author = usize::try_from(dice.roll(2)).unwrap();
        let from = sent[author];
        let count = usize::try_from(1 + dice.roll(PUSHED_AT_ONCE)).unwrap();
        let run: Vec<&[u8]> = chains[author]
            .iter()
            .skip(from)
            .take(count)
            .map(Commit::bytes)
            .collect();
        if run.is_empty() {
            continue;
        }
        let pushed = authors[author].push(&run).await.unwrap().unwrap();
        sent[author] = usize::try_from(pushed.receipt.seq).unwrap();
        assert_eq!(sent[author], from + run.len());
        assert_eq!(pushed.quarantined, []);
        if dice.once_in(5) {
            let again = authors[author].push(&run).await.unwrap().unwrap();
            assert_eq!(again.receipt.seq, pushed.receipt.seq);
        }
        if dice.once_in(20) {
            phone.upload_all().await.unwrap();
        }
    }
}

/// The last record's last commit comes with the last page of a pull.
async fn until_known(phone: &mut Phone, last: &RecordId) {
    let path = format!("/field/r/{last}/leave");
    for _ in 0..1_000 {
        phone.hands.open("/field/sync").await.unwrap();
        phone.hands.press("立即上传").await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        if phone.hands.open(&path).await.is_ok() {
            return;
        }
    }
    panic!("the last record never arrives");
}

/// What is shown here is what was signed there: the same content, hence the same code, and the same marks.
async fn same_document(office: &mut Office, phone: &mut Phone, record: &RecordId) {
    let there = format!("/field/r/{record}/doc/on_site_record?anyway=1");
    phone.hands.open(&there).await.unwrap();
    let on_phone = article(&phone.hands.page.html).to_owned();
    let here = format!("/records/{record}/doc/on_site_record");
    let page = office.agent.get(&here).await.unwrap();
    assert_eq!(on_phone, article(&page.html), "{record}");
}

fn article(html: &str) -> &str {
    let from = html.find("<article class=\"doc ").expect("a document");
    let to = html.find("</article>").expect("its end");
    &html[from..to]
}

async fn compare(here: &Here, phone: &mut Phone, ids: &[RecordId]) {
    let mut office = here.office("supervisor").await.unwrap();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut clean = 0;
    for (number, record) in ids.iter().enumerate() {
        if number % DOCUMENTS_EVERY == 0 {
            same_document(&mut office, phone, record).await;
        }
        phone
            .hands
            .open(&format!("/field/r/{record}/leave"))
            .await
            .unwrap();
        let on_phone = gaps_on(&phone.hands.page.html);
        let in_office = gaps_on(&office.record(&record.to_string()).await.unwrap().html);
        let keys = |gaps: &[tests::office::SeenGap]| -> Vec<String> {
            gaps.iter().map(|gap| gap.key.clone()).collect()
        };
        assert_eq!(keys(&on_phone), keys(&in_office), "{record}");
        clean += usize::from(on_phone.is_empty());
        for key in keys(&on_phone) {
            *kinds.entry(key).or_default() += 1;
        }
    }
    // Equal because both found nothing would prove nothing.
    let rules: BTreeSet<&str> = kinds
        .keys()
        .filter_map(|key| key.split(' ').next())
        .collect();
    assert!(rules.len() >= 8, "only {rules:?} were ever broken");
    assert!(kinds.len() >= 12, "only {kinds:?}");
    assert!(
        clean > 0 && clean < RECORDS / 2,
        "{clean} of {RECORDS} without a gap"
    );
}
