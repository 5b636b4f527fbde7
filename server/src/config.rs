//! The command line, read once: what is not typed right is named, and nothing is guessed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// What `--help` prints.
pub const HELP: &str = "\
server serve --data DIR --listen ADDR [--tls-cert FILE --tls-key FILE] [--base-url URL]
server demo --data DIR [--base-url URL]
server account --data DIR --name NAME --person 姓名 --unit 单位名称
server assess FILE.case [--json]
server assess --all --data DIR
server procedures lint DIR
server drills lint DIR

  serve       serves console, sync and phone client; alone, without a word, it takes --data data --listen 127.0.0.1:8080
  demo        fills an empty data folder with the demo (示例) and prints its accounts and enrolment links
  account     starts a new office in a data folder that has no account yet: its first unit (单位), a person in it and that
              person's account as administrator; prints a password that is good once, for choosing another
  assess      judges a rule case (docs/CASES.md) and prints its gaps, with --json for other programs; ends with 0 where exactly
              the expected was found, 1 where the answer differs (the differences are on the error output), 2 if not readable
  assess --all
              judges every record of a data folder again, each under the version of its procedure that it was opened under, as
              after an upgrade with other rules; not while the folder is served; says on the error output how far it is, and goes
              on where an interrupted run ended
  procedures lint
              reads and checks every *.toml in DIR; ends with 0, 1 (FILE:LINE:COLUMN: what, for each fault), 2 if not readable
  drills lint reads and checks every drill scenario (docs/DRILLS.md) in DIR; ends likewise
  --data      folder of the database; made if it is not there
  --listen    address and port, such as 127.0.0.1:8080; port 0 takes a free one, which is printed
  --tls-cert  certificate chain, PEM
  --tls-key   its private key, PEM
  --base-url  address that enrolment links begin with; without it the one that the console was opened at
  --help      this text
";

/// Where `server` alone keeps its data and listens.
const DATA: &str = "data";
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Serve.
    Serve(Serve),
    /// Make the demo.
    Demo(Config),
    /// Make the first account of a new office.
    Account {
        /// Where.
        config: Config,
        /// Who.
        first: First,
    },
    /// Judge a case.
    Assess {
        /// The case.
        file: PathBuf,
        /// Whether to answer in JSON.
        json: bool,
    },
    /// Judge every record again.
    AssessAll(Config),
    /// Check procedure files.
    Lint {
        /// Where they are.
        folder: PathBuf,
    },
    /// Check drill scenarios.
    LintDrills {
        /// Where they are.
        folder: PathBuf,
    },
    /// Print [`HELP`].
    Help,
}

/// The first account of a new office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    /// The name to sign in with.
    pub name: String,
    /// Whose it is.
    pub person: String,
    /// The office.
    pub unit: String,
}

/// How to serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serve {
    /// What the application needs to know.
    pub config: Config,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Certificate chain and private key.
    pub tls: Option<(PathBuf, PathBuf)>,
}

/// What the application needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The data folder.
    pub data: PathBuf,
    /// Whether it is served over TLS: decides the cookie's name and HSTS.
    pub secure: bool,
    /// What enrolment links begin with, without a slash at the end.
    pub base_url: Option<String>,
}

impl Config {
    /// A data folder served over plain HTTP on the loopback address.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            secure: false,
            base_url: None,
        }
    }
}

/// The command line cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadArguments {
    /// Neither of the commands.
    #[error(
        "expected `serve`, `demo`, `account`, `assess`, `procedures lint` or `drills lint`, see --help"
    )]
    Command,
    /// An option that is not known.
    #[error("unknown option {0}, see --help")]
    Unknown(String),
    /// An option without its value.
    #[error("{0} needs a value")]
    NoValue(String),
    /// An option that has to be there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Not an address.
    #[error("--listen needs an address and a port, such as 127.0.0.1:8080")]
    Listen,
    /// One of the two TLS files is missing.
    #[error("--tls-cert and --tls-key go together")]
    Tls,
    /// Plain HTTP would carry passwords and tokens over a network.
    #[error("without --tls-cert and --tls-key the address must be a loopback one")]
    PlainHttp,
    /// Not a web address.
    #[error("--base-url needs an address that begins with http:// or https://")]
    BaseUrl,
}

impl Command {
    /// Reads the arguments after the program's name.
    ///
    /// # Errors
    /// [`BadArguments`] that says what is wrong.
    pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Self, BadArguments> {
        let mut args = args.into_iter();
        let Some(verb) = args.next() else {
            return Ok(Self::Serve(Serve {
                config: Config::new(DATA),
                listen: LISTEN,
                tls: None,
            }));
        };
        match verb.as_str() {
            "--help" | "-h" => return Ok(Self::Help),
            "account" => return Self::account(args),
            "assess" => return Self::assess(args),
            "procedures" => return Self::lint(args, |folder| Self::Lint { folder }),
            "drills" => return Self::lint(args, |folder| Self::LintDrills { folder }),
            _ => {}
        }
        let (mut data, mut listen, mut cert, mut key, mut base) = (None, None, None, None, None);
        while let Some(name) = args.next() {
            let place = match name.as_str() {
                "--help" | "-h" => return Ok(Self::Help),
                "--data" => &mut data,
                "--listen" => &mut listen,
                "--tls-cert" => &mut cert,
                "--tls-key" => &mut key,
                "--base-url" => &mut base,
                _ => return Err(BadArguments::Unknown(name)),
            };
            *place = Some(args.next().ok_or(BadArguments::NoValue(name))?);
        }
        let serves = match verb.as_str() {
            "serve" => true,
            "demo" => false,
            _ => return Err(BadArguments::Command),
        };
        let tls = match (cert, key) {
            (Some(cert), Some(key)) => Some((PathBuf::from(cert), PathBuf::from(key))),
            (None, None) => None,
            _ => return Err(BadArguments::Tls),
        };
        let config = Config {
            data: data.ok_or(BadArguments::Missing("--data"))?.into(),
            secure: tls.is_some(),
            base_url: base.map(base_url).transpose()?,
        };
        if !serves {
            return Ok(Self::Demo(config));
        }
        let listen: SocketAddr = listen
            .ok_or(BadArguments::Missing("--listen"))?
            .parse()
            .map_err(|_| BadArguments::Listen)?;
        if tls.is_none() && !listen.ip().is_loopback() {
            return Err(BadArguments::PlainHttp);
        }
        Ok(Self::Serve(Serve {
            config,
            listen,
            tls,
        }))
    }

    /// `--data DIR --name NAME --person PERSON --unit UNIT`, in any order.
    fn account(mut args: impl Iterator<Item = String>) -> Result<Self, BadArguments> {
        let (mut data, mut name, mut person, mut unit) = (None, None, None, None);
        while let Some(option) = args.next() {
            let place = match option.as_str() {
                "--help" | "-h" => return Ok(Self::Help),
                "--data" => &mut data,
                "--name" => &mut name,
                "--person" => &mut person,
                "--unit" => &mut unit,
                _ => return Err(BadArguments::Unknown(option)),
            };
            *place = Some(args.next().ok_or(BadArguments::NoValue(option))?);
        }
        let given = |value: Option<String>, option| value.ok_or(BadArguments::Missing(option));
        Ok(Self::Account {
            config: Config::new(given(data, "--data")?),
            first: First {
                name: given(name, "--name")?,
                person: given(person, "--person")?,
                unit: given(unit, "--unit")?,
            },
        })
    }

    /// `FILE.case [--json]`, in either order.
    fn assess(args: impl Iterator<Item = String>) -> Result<Self, BadArguments> {
        let (mut file, mut json) = (None, false);
        let mut args = args.peekable();
        if args.next_if(|arg| arg == "--all").is_some() {
            return Self::assess_all(args);
        }
        for arg in args {
            match arg.as_str() {
                "--help" | "-h" => return Ok(Self::Help),
                "--json" => json = true,
                name if name.starts_with("--") || file.is_some() => {
                    return Err(BadArguments::Unknown(arg));
                }
                _ => file = Some(arg.into()),
            }
        }
        let file = file.ok_or(BadArguments::Missing("FILE.case"))?;
        Ok(Self::Assess { file, json })
    }

    /// `--data DIR`.
    fn assess_all(mut args: impl Iterator<Item = String>) -> Result<Self, BadArguments> {
        let mut data = None;
        while let Some(option) = args.next() {
            match option.as_str() {
                "--help" | "-h" => return Ok(Self::Help),
                "--data" => data = Some(args.next().ok_or(BadArguments::NoValue(option))?),
                _ => return Err(BadArguments::Unknown(option)),
            }
        }
        let data = data.ok_or(BadArguments::Missing("--data"))?;
        Ok(Self::AssessAll(Config::new(data)))
    }

    /// `lint DIR`.
    fn lint(
        mut args: impl Iterator<Item = String>,
        of: impl FnOnce(PathBuf) -> Self,
    ) -> Result<Self, BadArguments> {
        match args.next().as_deref() {
            Some("--help" | "-h") => return Ok(Self::Help),
            Some("lint") => {}
            _ => return Err(BadArguments::Command),
        }
        let folder = args.next().ok_or(BadArguments::Missing("DIR"))?;
        if let Some(more) = args.next() {
            return Err(BadArguments::Unknown(more));
        }
        Ok(match folder.as_str() {
            "--help" | "-h" => Self::Help,
            _ => of(folder.into()),
        })
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "used as a map function over an owned value"
)]
fn base_url(url: String) -> Result<String, BadArguments> {
    if url.starts_with("http://") || url.starts_with("https://") {
        Ok(url.trim_end_matches('/').to_owned())
    } else {
        Err(BadArguments::BaseUrl)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, BadArguments> {
        Command::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn alone_it_serves_here() {
        let Ok(Command::Serve(serve)) = parse("") else {
            panic!("not serving")
        };
        assert_eq!(
            (serve.config, serve.listen.to_string()),
            (Config::new("data"), "127.0.0.1:8080".to_owned())
        );
    }

    #[test]
    fn files_are_judged_and_checked_without_a_data_folder() {
        let file = PathBuf::from("x.case");
        for line in ["assess x.case --json", "assess --json x.case"] {
            let file = file.clone();
            assert_eq!(parse(line), Ok(Command::Assess { file, json: true }));
        }
        assert_eq!(
            parse("assess x.case"),
            Ok(Command::Assess { file, json: false })
        );
        let folder = PathBuf::from("d");
        let lint = Command::Lint {
            folder: folder.clone(),
        };
        assert_eq!(parse("procedures lint d"), Ok(lint));
        assert_eq!(parse("drills lint d"), Ok(Command::LintDrills { folder }));
        assert_eq!(parse("assess --help"), Ok(Command::Help));
        assert_eq!(parse("procedures --help"), Ok(Command::Help));
        assert_eq!(parse("assess"), Err(BadArguments::Missing("FILE.case")));
        assert_eq!(parse("procedures lint"), Err(BadArguments::Missing("DIR")));
        assert_eq!(parse("procedures d"), Err(BadArguments::Command));
        for line in ["assess a b", "procedures lint a b", "assess b --xml b"] {
            assert!(
                matches!(parse(line), Err(BadArguments::Unknown(_))),
                "{line}"
            );
        }
    }

    #[test]
    fn all_records_are_judged_in_a_folder_that_is_named() {
        let all = Command::AssessAll(Config::new("d"));
        assert_eq!(parse("assess --all --data d"), Ok(all));
        assert_eq!(parse("assess --all --help"), Ok(Command::Help));
        assert_eq!(parse("assess --all"), Err(BadArguments::Missing("--data")));
        for line in ["assess --all x.case", "assess --all --data d --json"] {
            assert!(
                matches!(parse(line), Err(BadArguments::Unknown(_))),
                "{line}"
            );
        }
    }

    #[test]
    fn a_first_account_needs_all_it_is_made_of() {
        let full = "account --data d --name admin --person 甲 --unit 乙镇";
        let Ok(Command::Account { config, first }) = parse(full) else {
            panic!("not an account")
        };
        let said = [first.name, first.person, first.unit];
        assert_eq!(
            (config, said),
            (Config::new("d"), ["admin", "甲", "乙镇"].map(String::from))
        );
        let short = "account --data d --name admin --person 甲";
        assert_eq!(parse(short), Err(BadArguments::Missing("--unit")));
        assert!(matches!(
            parse(&format!("{full} --password x")),
            Err(BadArguments::Unknown(_))
        ));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(parse("sreve"), Err(BadArguments::Command));
        assert_eq!(parse("--help"), Ok(Command::Help));
        assert_eq!(
            parse("serve --data d"),
            Err(BadArguments::Missing("--listen"))
        );
        assert_eq!(
            parse("serve --listen 127.0.0.1:0"),
            Err(BadArguments::Missing("--data"))
        );
        assert_eq!(
            parse("serve --data"),
            Err(BadArguments::NoValue("--data".to_owned()))
        );
        assert_eq!(
            parse("serve --port 1"),
            Err(BadArguments::Unknown("--port".to_owned()))
        );
        assert_eq!(
            parse("serve --data d --listen x"),
            Err(BadArguments::Listen)
        );
        let half = "serve --data d --listen 127.0.0.1:0 --tls-cert c";
        assert_eq!(parse(half), Err(BadArguments::Tls));
        assert_eq!(
            parse("serve --data d --listen 0.0.0.0:80"),
            Err(BadArguments::PlainHttp)
        );
        assert_eq!(
            parse("demo --data d --base-url x"),
            Err(BadArguments::BaseUrl)
        );
        let demo = parse("demo --data d --base-url https://a.example/");
        let Ok(Command::Demo(config)) = demo else {
            panic!("{demo:?}")
        };
        assert_eq!(config.base_url.as_deref(), Some("https://a.example"));
        let full = "serve --data d --listen 0.0.0.0:443 --tls-cert c --tls-key k";
        assert!(matches!(
            parse(full),
            Ok(Command::Serve(Serve { tls: Some(_), .. }))
        ));
    }
}
