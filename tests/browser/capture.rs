//! Photos and strokes in the real browser: shrunk, without what the camera wrote into them, saved with what was typed, uploaded.

use crate::{clean, enrol, hold, phone, turn, upload_all};
use serde_json::json;
use tests::browser::Browser;
use tests::camera;
use tests::hands::Hands;
use tests::journey;
use tests::world::{World, today};

/// Pixels of the picture on the page, its length, and whether the EXIF part of the camera's file is in it.
const LOOK: &str = r"
    const [canary, done] = arguments;
    (async () => {
        const image = document.querySelector('main img');
        await image.decode();
        const text = atob(image.src.split(',')[1]);
        done([image.naturalWidth, image.naturalHeight, text.length, text.includes(canary)]);
    })();
";

/// Draws on the first pad of the page as a finger would, and gives the strokes that will be sent.
pub(crate) const DRAW: &str = r"
    const box = document.querySelector('[data-pad] svg');
    const { left, top, width, height } = box.getBoundingClientRect();
    const finger = (type, x, y) => box.dispatchEvent(new PointerEvent(type, {
        bubbles: true, cancelable: true, isPrimary: true, pointerId: 1, pointerType: 'touch',
        clientX: left + width * x, clientY: top + height * y,
    }));
    finger('pointerdown', 0.1, 0.5);
    for (let i = 0; i <= 40; i++) finger('pointermove', 0.1 + i / 50, 0.5 + Math.sin(i / 3) / 3);
    finger('pointerup', 0.9, 0.5);
    finger('pointermove', 0.5, 0.5);
    return document.querySelector('[data-pad] [name=drawing]').value;
";

async fn look(browser: &Browser) -> (u64, u64, u64, bool) {
    let args = json!([camera::EXIF_CANARY]);
    let seen = browser.script_async(LOOK, args).await.unwrap();
    let number = |at: usize| seen[at].as_u64().unwrap();
    (number(0), number(1), number(2), seen[3].as_bool().unwrap())
}

#[tokio::test]
async fn photos_are_shrunk_saved_with_the_form_and_uploaded() {
    let _turn = turn().await;
    let world = World::start().await.unwrap();
    let task = world.approved_task().await.unwrap();
    let browser = phone(&world).await;
    enrol(&world, &browser).await;
    let mut hands = hold(&world, &browser);
    hands.await_words("/field/", &task.subject).await.unwrap();
    let step = journey::step_path(&task, "JC-10");
    hands.open(&step).await.unwrap();
    hands.fill("recording", "R20261123-07").await.unwrap();
    hands.fill("caption", "出示证件").await.unwrap();
    let size = camera::take(&browser, 1, today()).await.unwrap();
    assert!(size > 100_000, "{size}");
    hands.expect_words("无定位").await.unwrap();
    hands.expect_words("出示证件").await.unwrap();
    camera::take(&browser, 2, today()).await.unwrap();
    let state = "return [document.querySelector('[name=recording]').value, \
        document.querySelectorAll('.shots li').length, document.querySelectorAll('[name=photo]').length]";
    let state = browser.script(state, json!([])).await.unwrap();
    assert_eq!(state, json!(["R20261123-07", 2, 0]));
    let (width, height, length, exif) = look(&browser).await;
    assert!(width <= 160 && height <= 160 && length <= 8 * 1024 && !exif);
    hands.follow("查看").await.unwrap();
    let (width, height, length, exif) = look(&browser).await;
    assert_eq!((width, height), (1600, 1200));
    assert!(
        length <= 300 * 1024 && length > 10 * 1024 && !exif,
        "{length}"
    );
    hands.open("/field/").await.unwrap();
    hands.expect_words("照片 2 张未上传").await.unwrap();
    upload_all(&mut hands).await;
    hands.open(&step).await.unwrap();
    hands.expect_words("已上传").await.unwrap();
    clean(&browser).await;
}

#[tokio::test]
async fn a_finger_signs() {
    let _turn = turn().await;
    let world = World::start().await.unwrap();
    let task = world.approved_task().await.unwrap();
    let browser = phone(&world).await;
    enrol(&world, &browser).await;
    let mut hands = hold(&world, &browser);
    hands.await_words("/field/", &task.subject).await.unwrap();
    let sign = format!("{}/sign?anyway=1", journey::step_path(&task, "JC-14"));
    hands.open(&sign).await.unwrap();
    let drawn = browser.script(DRAW, json!([])).await.unwrap();
    let drawn = drawn.as_str().unwrap();
    assert!(
        drawn.starts_with("M60 120L") && drawn.matches('L').count() > 20,
        "{drawn}"
    );
    // Without a name it is shown again, the strokes with it.
    hands.press("以上记录属实，我确认").await.unwrap();
    let still = "return document.querySelector('[data-pad] path').getAttribute('d')";
    assert_eq!(browser.script(still, json!([])).await.unwrap(), drawn);
    let clear = "document.querySelector('[data-pad-clear]').click()";
    browser.script(clear, json!([])).await.unwrap();
    assert_eq!(browser.script(still, json!([])).await.unwrap(), "");
    browser.script(DRAW, json!([])).await.unwrap();
    hands.fill("name", "李四").await.unwrap();
    hands.press("以上记录属实，我确认").await.unwrap();
    hands.expect_words("李四").await.unwrap();
    hands.open(&sign).await.unwrap();
    let shown = "return document.querySelector('.drawn path').getAttribute('d')";
    assert_eq!(browser.script(shown, json!([])).await.unwrap(), drawn);
    clean(&browser).await;
}
