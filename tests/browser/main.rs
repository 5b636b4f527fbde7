//! Browser scratch.
use serde_json::json;
use tests::browser::*;

#[tokio::test]
async fn scratch() {
    let tls = tests::tls::Tls::new().unwrap();
    let dist = "/tmp/scratch-dist";
    let mut server = tests::process::Program::new(std::path::Path::new("/usr/bin/python3"))
        .arg("-u")
        .arg("/tmp/scratch_server.py")
        .arg(tls.cert())
        .arg(tls.key())
        .arg(dist);
    server.start().await.unwrap();
    println!("{}", server.address());
    let mut b = Browser::open(Setup {
        trusted: Some(tls.fingerprint().to_owned()),
        ..Setup::default()
    })
    .await
    .unwrap();
    let t = std::time::Instant::now();
    b.goto(&format!("https://localhost:{}/field/", server.port()))
        .await
        .unwrap();
    println!("{:?} {}", t.elapsed(), b.text().await.unwrap());
    let sw = b.script_async("const done = arguments[0]; navigator.serviceWorker.ready.then(r => done(r.active.state + ' ' + isSecureContext), e => done(String(e)))", json!([])).await.unwrap();
    println!("{sw}");
    println!("{:?}", b.console().await.unwrap());
    b.picture("scratch").await.unwrap();
    server.kill().await.unwrap();
    b.reload().await.unwrap();
    println!("offline: {}", b.text().await.unwrap());
    println!("{:?}", b.console().await.unwrap());
    b.kill().await.unwrap();
    b.reopen().await.unwrap();
    b.goto(&format!("https://localhost:{}/field/", server.port()))
        .await
        .unwrap();
    println!("restarted: {}", b.text().await.unwrap());
    println!("{:?}", b.console().await.unwrap());
}
