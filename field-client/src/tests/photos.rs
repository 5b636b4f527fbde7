//! Photos and signatures by hand on the pages: what a form brings is on disk before the page says so.

use super::{NINE, PIN, Phone};
use crate::picture::hex;
use crate::picture::tests::{form, jpeg};
use crate::sheet::Sheet;
use crate::store::{blobs, journal};
use sha2::{Digest, Sha256};
use shared::domain::event::{EvidenceKind, MAX_PHOTO_BYTES, Photo, SignMethod, SignerRole};
use shared::fold::Facts;

const DRAWING: &str = "M10 10L200 60L300 100M20 20L30 30";

fn facts(phone: &Phone, path: &str) -> Facts {
    let record = path.rsplit('/').next().unwrap().parse().unwrap();
    let read = phone
        .app
        .store()
        .read(|c| Ok(Sheet::read(c, record)?.facts));
    read.unwrap()
}

fn photos(phone: &Phone, path: &str) -> Vec<(EvidenceKind, String, Photo)> {
    let facts = facts(phone, path);
    let known = facts
        .step("T-4")
        .map_or(Vec::new(), |step| step.evidence.clone());
    let each = known.into_iter().map(|noted| noted.value);
    each.map(|e| (e.evidence, e.reference, e.photo.unwrap()))
        .collect()
}

#[tokio::test]
async fn a_photo_is_saved_with_all_that_was_typed() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    let step = format!("{path}/s/T-4");
    let page = phone.get(&step).await;
    assert!(page.contains("data-photo") && page.contains("capture=\"environment\""));
    let taken = form(&jpeg(true, 500), "30123456,120654321,15");
    let fields = [
        ("act", "save"),
        ("f.other", "地面湿滑"),
        ("caption", "车间北侧"),
        ("photo", &taken),
    ];
    assert_eq!(phone.browser.post(&step, &fields).await.location, step);
    let all = photos(&phone, &path);
    let [(kind, caption, photo)] = &all[..] else {
        panic!("{}", all.len())
    };
    assert_eq!((*kind, caption.as_str()), (EvidenceKind::Photo, "车间北侧"));
    assert_eq!(
        photo.hash,
        <[u8; 32]>::from(Sha256::digest(jpeg(false, 500)))
    );
    assert_eq!(
        (photo.taken_at, photo.place.as_str()),
        (Some(NINE), "示例镇示例路1号")
    );
    let page = phone.get(&step).await;
    assert!(page.contains("地面湿滑") && page.contains("车间北侧"));
    assert!(
        page.contains("北纬 30.123456，东经 120.654321，误差 15 米"),
        "{page}"
    );
    assert!(page.contains("data:image/jpeg;base64,") && page.contains("未上传"));
    let whole = phone
        .get(&format!("{path}/photo/{}", hex(&photo.hash)))
        .await;
    assert!(whole.contains("车间北侧") && whole.contains(&hex(&photo.original)));
    assert!(
        phone
            .get("/field/")
            .await
            .contains("照片 1 张未上传，最早 不到 1 分钟前")
    );
    assert!(phone.get("/field/sync").await.contains("照片 1 张未上传"));
}

#[tokio::test]
async fn several_large_photos_come_in_one_form_and_the_same_twice_is_one() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    let step = format!("{path}/s/T-4");
    let large: Vec<String> = (0..4)
        .map(|n| form(&jpeg(false, MAX_PHOTO_BYTES - 100 - n), ""))
        .collect();
    let fields: Vec<(&str, &str)> = large.iter().map(|text| ("photo", text.as_str())).collect();
    assert_eq!(phone.browser.post(&step, &fields).await.status, 303);
    assert_eq!(phone.browser.post(&step, &fields).await.status, 303);
    let all = photos(&phone, &path);
    assert_eq!(all.len(), 4);
    assert_eq!(all[0].1, "现场检查");
    let page = phone.get(&step).await;
    assert!(page.contains("无定位"));
    let too_much = "x".repeat(3 << 20);
    let shown = phone.browser.post(&step, &[("photo", &too_much)]).await;
    assert_eq!(shown.status, 413);
    let elsewhere = phone
        .browser
        .post("/field/me", &[("next", &large[0])])
        .await;
    assert_eq!(elsewhere.status, 413);
}

#[tokio::test]
async fn what_is_no_photo_is_said_and_the_rest_is_saved() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    let step = format!("{path}/s/T-4");
    let good = form(&jpeg(false, 90), "");
    let fields = [
        ("f.other", "已记录"),
        ("photo", "v1;nonsense"),
        ("photo", &good),
        ("act", "save"),
    ];
    let shown = phone.browser.post(&step, &fields).await;
    assert_eq!(shown.status, 422);
    assert!(shown.html.contains("照片无法读取，请重拍") && shown.html.contains("已记录"));
    assert_eq!(photos(&phone, &path).len(), 1);
    // A step that asks for no photo takes none.
    let other = format!("{path}/s/T-2");
    phone.browser.post(&other, &[("photo", &good)]).await;
    assert!(facts(&phone, &path).step("T-2").is_none());
}

#[tokio::test]
async fn a_caption_changes_until_it_is_sealed() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    let step = format!("{path}/s/T-4");
    let taken = form(&jpeg(false, 90), "");
    phone.browser.post(&step, &[("photo", &taken)]).await;
    let field = format!("caption.{}", hex(&photos(&phone, &path)[0].2.hash));
    assert!(phone.get(&step).await.contains(&field));
    phone.browser.post(&step, &[(&field, "配电箱")]).await;
    assert_eq!(photos(&phone, &path)[0].1, "配电箱");
    phone.app.seal_all().unwrap();
    phone.browser.post(&step, &[(&field, "别的")]).await;
    assert_eq!(photos(&phone, &path)[0].1, "配电箱");
    assert!(!phone.get(&step).await.contains(&field));
}

#[tokio::test]
async fn an_unsealed_photo_is_gone_and_a_sealed_one_is_withdrawn_with_a_reason() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    let step = format!("{path}/s/T-4");
    let taken = form(&jpeg(false, 90), "");
    phone.browser.post(&step, &[("photo", &taken)]).await;
    let hash = photos(&phone, &path)[0].2.hash;
    let page = format!("{path}/photo/{}", hex(&hash));
    assert_eq!(phone.browser.post(&page, &[]).await.location, step);
    assert!(photos(&phone, &path).is_empty());
    let info = || phone.app.store().read(|c| blobs::info(c, &hash)).unwrap();
    assert!(info().is_none());
    assert_eq!(phone.browser.get(&page).await.status, 404);

    phone.browser.post(&step, &[("photo", &taken)]).await;
    phone.app.seal_all().unwrap();
    assert_eq!(phone.browser.post(&page, &[]).await.status, 422);
    assert_eq!(photos(&phone, &path).len(), 1);
    let shown = phone.browser.post(&page, &[("reason", "拍错了对象")]).await;
    assert_eq!(shown.location, step);
    assert!(photos(&phone, &path).is_empty());
    assert!(info().is_some(), "what is sealed is still sent");
    let log = phone.get(&format!("{path}/log")).await;
    assert!(log.contains("拍错了对象") && log.contains("已撤回"));
    assert!(phone.app.store().read(journal::records).unwrap().is_empty());
}

#[tokio::test]
async fn a_step_that_has_ended_shows_its_photos_and_takes_none() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    let step = format!("{path}/s/T-4");
    let taken = form(&jpeg(false, 90), "");
    let fields = [("photo", taken.as_str()), ("act", "done")];
    assert_eq!(phone.browser.post(&step, &fields).await.location, path);
    let page = phone.get(&step).await;
    assert!(page.contains("data:image/jpeg") && !page.contains("data-photo"));
    let hash = hex(&photos(&phone, &path)[0].2.hash);
    let whole = format!("{path}/photo/{hash}");
    assert!(!phone.get(&whole).await.contains("移除这张照片"));
    phone.browser.post(&whole, &[("reason", "不算")]).await;
    assert_eq!(photos(&phone, &path).len(), 1);
}

#[tokio::test]
async fn the_party_the_witness_and_officers_sign_by_hand() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    let sign = format!("{path}/s/T-4/sign?anyway=1");
    let page = phone.get(&sign).await;
    assert!(page.contains("data-pad") && page.contains("见证人签名"));
    let me = phone.office.officer.to_string();
    let party = [("act", "sign"), ("name", "赵强"), ("drawing", DRAWING)];
    let typed = [("act", "sign"), ("name", "赵强")];
    let witness = [("act", "witness"), ("name", "王芳"), ("drawing", DRAWING)];
    let officer = [
        ("act", "officer"),
        ("officer", me.as_str()),
        ("pin", PIN),
        ("drawing", DRAWING),
    ];
    for fields in [&party[..], &typed, &witness, &officer] {
        let shown = phone.browser.post(&sign, fields).await;
        assert_eq!(shown.location, format!("{path}/s/T-4"), "{}", shown.html);
    }
    let facts = facts(&phone, &path);
    let signed: Vec<_> = facts.step("T-4").unwrap().signatures.iter().collect();
    let of = |role| signed.iter().find(|n| n.value.role == role).unwrap();
    // The same slot: what was signed last stands.
    assert_eq!(signed.len(), 3);
    assert_eq!(of(SignerRole::Party).value.method, SignMethod::Screen);
    assert_eq!(of(SignerRole::Witness).value.method, SignMethod::Drawn);
    assert_eq!(
        of(SignerRole::Witness).value.drawing.as_deref(),
        Some(DRAWING)
    );
    let officer = &of(SignerRole::Officer).value;
    assert_eq!(
        (officer.method, officer.name.as_str()),
        (SignMethod::Pin, "张建国")
    );
    assert!(
        phone
            .get(&sign)
            .await
            .contains(&format!("<path d=\"{DRAWING}\"/>"))
    );
}

#[tokio::test]
async fn a_signature_that_is_none_is_refused_and_drawn_strokes_stay_on_the_page() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    let sign = format!("{path}/s/T-4/sign?anyway=1");
    let me = phone.office.officer.to_string();
    for fields in [
        &[("act", "sign"), ("name", ""), ("drawing", DRAWING)][..],
        &[
            ("act", "sign"),
            ("name", "赵强"),
            ("drawing", "M1 1\"/><script>"),
        ],
        &[("act", "witness"), ("name", "王芳")],
        &[("act", "officer"), ("officer", &me), ("pin", "000111")],
        &[("act", "officer"), ("pin", PIN)],
        &[("act", "paper"), ("name", "赵强")],
    ] {
        let shown = phone.browser.post(&sign, fields).await;
        assert_eq!(shown.status, 422, "{fields:?}");
        assert!(!shown.html.contains("<script>"));
    }
    let fields = [("act", "sign"), ("name", ""), ("drawing", DRAWING)];
    let shown = phone.browser.post(&sign, &fields).await;
    assert!(shown.html.contains(&format!("value=\"{DRAWING}\"")));
    assert!(facts(&phone, &path).step("T-4").is_none());
}

#[tokio::test]
async fn a_signature_on_paper_comes_with_its_photo() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    let sign = format!("{path}/s/T-4/sign?anyway=1");
    let paper = form(&jpeg(true, 200), "");
    let fields = [("act", "paper"), ("name", "赵强"), ("photo", &paper)];
    assert_eq!(phone.browser.post(&sign, &fields).await.status, 303);
    let facts = facts(&phone, &path);
    let known = facts.step("T-4").unwrap();
    assert_eq!(known.signatures[0].value.method, SignMethod::Paper);
    let all = photos(&phone, &path);
    assert_eq!(
        (all[0].0, all[0].1.as_str()),
        (EvidenceKind::Paper, "现场检查")
    );
    assert!(
        phone
            .get(&format!("{path}/s/T-4"))
            .await
            .contains("data:image/jpeg")
    );
}

#[tokio::test]
async fn a_photo_waits_for_its_commit_and_arrives_beside_the_events() {
    let phone = Phone::enrolled().await;
    let path = phone.open().await;
    let sync = tokio::spawn(phone.app.clone().run_sync());
    let taken = form(&jpeg(false, 5000), "");
    let fields = [("photo", taken.as_str()), ("act", "done")];
    phone.browser.post(&format!("{path}/s/T-4"), &fields).await;
    for _ in 0..1000 {
        if phone.app.store().read(blobs::unsent).unwrap().count == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let hash = photos(&phone, &path)[0].2.hash;
    let arrived = phone.office.state.lock().unwrap().blobs.get(&hash).cloned();
    assert_eq!(arrived, Some(jpeg(false, 5000)));
    sync.abort();
    assert!(phone.get("/field/sync").await.contains("没有待上传的照片"));
    assert!(phone.get(&format!("{path}/s/T-4")).await.contains("已上传"));
}
