//! The client on a laptop: reads the command line and serves 127.0.0.1.

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use field_client::host::loopback::{self, Config};
    use std::io::Write;
    use std::process::ExitCode;

    const HELP: &str = "\
field-client: record inspections on this computer, with or without a network

  --data DIR       folder of the database and the key vault (made if absent)
  --server URL     the server, such as https://example.cn
  --listen ADDR    loopback address to listen on (127.0.0.1:0: any free port)
  --ca-cert FILE   trust only the certificate authorities in this PEM file
  --help           this
";

    fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<Config>, String> {
        let mut data = None;
        let mut server = None;
        let mut ca_cert = None;
        let mut listen = "127.0.0.1:0".to_owned();
        while let Some(flag) = args.next() {
            if flag == "--help" || flag == "-h" {
                return Ok(None);
            }
            let mut value = || args.next().ok_or(format!("{flag} wants a value"));
            match flag.as_str() {
                "--data" => data = Some(value()?.into()),
                "--server" => server = Some(value()?),
                "--listen" => listen = value()?,
                "--ca-cert" => ca_cert = Some(value()?.into()),
                _ => return Err(format!("unknown option {flag}")),
            }
        }
        Ok(Some(Config {
            data: data.ok_or("--data is missing")?,
            server: server.ok_or("--server is missing")?,
            listen: listen
                .parse()
                .map_err(|_| format!("--listen: {listen} is no address"))?,
            ca_cert,
        }))
    }

    fn say(text: &str) {
        // Nowhere to complain if the terminal is gone.
        let _ = writeln!(std::io::stdout(), "{text}");
    }

    pub(super) fn main() -> ExitCode {
        let config = match parse(std::env::args().skip(1)) {
            Ok(Some(config)) => config,
            Ok(None) => {
                say(HELP);
                return ExitCode::SUCCESS;
            }
            Err(fault) => {
                let _ = writeln!(std::io::stderr(), "{fault}\n\n{HELP}");
                return ExitCode::from(2);
            }
        };
        match run(&config) {
            Ok(()) => ExitCode::SUCCESS,
            Err(fault) => {
                let _ = writeln!(std::io::stderr(), "field-client: {fault:#}");
                ExitCode::FAILURE
            }
        }
    }

    fn run(config: &Config) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let stop = async {
                // If signals cannot be heard, only a kill ends it, and nothing is lost by that either.
                if tokio::signal::ctrl_c().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            loopback::serve(config, |address| say(&format!("open {address}")), stop).await
        })
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    native::main()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
