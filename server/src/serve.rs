//! Listening: plain HTTP on the loopback address or TLS by certificate files, until told to stop.

use crate::app::App;
use anyhow::Context as _;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

/// Requests under way get this long to end.
const GRACE: Duration = Duration::from_secs(10);

/// Serves the application and does its jobs until `stop` is ready.
///
/// # Errors
/// A certificate that cannot be read, or a socket that cannot be used.
pub async fn serve(
    app: App,
    listener: TcpListener,
    tls: Option<(PathBuf, PathBuf)>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    listener.set_nonblocking(true)?;
    let handle = Handle::new();
    let ender = handle.clone();
    tokio::spawn(async move {
        stop.await;
        ender.graceful_shutdown(Some(GRACE));
    });
    let jobs = tokio::spawn(app.clone().work());
    let router = crate::app(app).into_make_service_with_connect_info::<SocketAddr>();
    let served = match tls {
        None => {
            axum_server::from_tcp(listener)?
                .handle(handle)
                .serve(router)
                .await
        }
        Some((cert, key)) => {
            // Twice is fine: a test may have installed it already.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let config = RustlsConfig::from_pem_file(&cert, &key)
                .await
                .with_context(|| format!("{} or {}", cert.display(), key.display()))?;
            let server = axum_server::from_tcp_rustls(listener, config)?;
            server.handle(handle).serve(router).await
        }
    };
    jobs.abort();
    Ok(served?)
}
