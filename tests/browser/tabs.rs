//! One tab at a time, a worker that breaks, and a browser that cannot do it.

use crate::{enrol, hold, phone, turn};
use serde_json::json;
use tests::browser::{Browser, Setup};
use tests::hands::Hands;
use tests::journey;
use tests::world::World;

const WECHAT: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/126.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.50.2701 NetType/WIFI";

#[tokio::test]
async fn a_second_tab_takes_over_only_when_asked() {
    let _turn = turn().await;
    let world = World::start().await.unwrap();
    let browser = phone(&world).await;
    enrol(&world, &browser).await;
    let (first, second) = browser.second_tab().await.unwrap();
    browser
        .navigate(&format!("{}/field/new", world.origin()))
        .await
        .unwrap();
    browser.wait_for("已在另一个标签页打开").await.unwrap();
    browser.touch("在此使用").await.unwrap();
    let mut hands = hold(&world, &browser);
    browser.wait_for("输入 PIN").await.unwrap();
    journey::unlock(&mut hands).await.unwrap();
    hands.expect_words("紧急检查").await.unwrap();
    // The first tab says so, and takes it back when asked.
    browser.switch(&first).await.unwrap();
    browser.wait_for("已在另一个标签页打开").await.unwrap();
    browser.touch("在此使用").await.unwrap();
    let gone = "return !document.getElementById('elsewhere')";
    browser
        .wait("the notice to go", gone, json!([]))
        .await
        .unwrap();
    let mut hands = hold(&world, &browser);
    hands.open("/field/").await.unwrap();
    journey::unlock_if_asked(&mut hands, "/field/")
        .await
        .unwrap();
    hands.expect_words("您好").await.unwrap();
    browser.switch(&second).await.unwrap();
    browser.wait_for("已在另一个标签页打开").await.unwrap();
}

#[tokio::test]
async fn a_worker_that_traps_is_replaced_and_nothing_is_lost() {
    let _turn = turn().await;
    let world = World::start().await.unwrap();
    let browser = phone(&world).await;
    enrol(&world, &browser).await;
    // The page's own worker, caught when it is next spoken to, is made to say what a trap makes it say.
    let watch = "const plain = Worker.prototype.postMessage;
        Worker.prototype.postMessage = function (...args) {
            window.caught = this;
            return plain.apply(this, args);
        };";
    browser.script(watch, json!([])).await.unwrap();
    let mut hands = hold(&world, &browser);
    hands.open("/field/me").await.unwrap();
    let trap = "window.before = caught;
        const data = { trapped: 'unreachable' };
        setTimeout(() => caught.dispatchEvent(new MessageEvent('message', { data })));";
    browser.script(trap, json!([])).await.unwrap();
    let replaced = "return window.caught !== window.before";
    browser
        .wait("another worker", replaced, json!([]))
        .await
        .unwrap();
    // The new one is locked; everything is still there.
    hands.follow("上传情况").await.unwrap();
    journey::unlock(&mut hands).await.unwrap();
    hands.await_words("/field/sync", "已上传").await.unwrap();
}

#[tokio::test]
async fn a_chat_app_is_told_to_open_a_browser() {
    let _turn = turn().await;
    let world = World::start().await.unwrap();
    let setup = Setup {
        trusted: Some(world.tls.fingerprint().to_owned()),
        user_agent: Some(WECHAT.to_owned()),
        ..Setup::default()
    };
    let browser = Browser::open(setup).await.unwrap();
    browser
        .navigate(&format!("{}/field/enrol#ABC", world.origin()))
        .await
        .unwrap();
    browser.wait_for("在浏览器中打开").await.unwrap();
    browser.wait_for("Open in browser").await.unwrap();
    browser.picture("zh-CN-360-wechat").await.unwrap();
}
