//! The explorer, started from the command line.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use jiff::tz::TimeZone;

use super::identity::{self, Given, unquoted};
use super::tls::TlsArgs;
use super::{Usage, sasl, variable};
use crate::app::{self, RealTty, Start, World};
use crate::client::{Auth, Client, Options, Sasl};
use crate::config;
use crate::explorer::{Keymap, Settings};
use crate::proto::ZPath;
use crate::text::Charset;
use crate::ui::{Look, Theme};

/// Where to connect when nothing else is said.
const DEFAULT_HOSTS: &str = "127.0.0.1:2181";

/// Where to go, and how.
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
pub struct ExploreArgs {
    /// The servers: host:port, several by commas, IPv6 in brackets, a chroot at the end
    /// [env: ZOOSCOPE_HOSTS] [default: 127.0.0.1:2181]
    hosts: Option<String>,

    /// Authenticate by SASL: digest-md5:USER:PASSWORD, or by Kerberos gssapi, or
    /// gssapi:PRINCIPAL, or gssapi:PRINCIPAL:SERVER_PRINCIPAL (either may be empty)
    /// [env: ZOOSCOPE_SASL, which no process list shows]
    #[arg(long, value_name = "MECHANISM", value_parser = unquoted(sasl::parse))]
    sasl: Option<Given<Sasl>>,

    #[command(flatten)]
    tls: TlsArgs,

    #[command(flatten)]
    view: ViewArgs,
}

/// How to look at a tree, wherever it is.
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
pub struct ViewArgs {
    /// Start at this znode, with its parents opened
    #[arg(long, value_name = "PATH")]
    path: Option<ZPath>,

    /// Never send a write of any kind
    #[arg(long)]
    read_only: bool,

    /// Authenticate, for example digest:user:password (may be repeated)
    /// [env: ZOOSCOPE_AUTH, one a line, which no process list shows]
    #[arg(long, value_name = "SCHEME:CREDENTIAL", value_parser = unquoted(identity::parse))]
    auth: Vec<Given<Auth>>,

    /// The session timeout to ask for, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    session_timeout: Duration,

    /// Colours: dark, light or mono [default: dark, or mono if NO_COLOR is set]
    #[arg(long, value_name = "NAME")]
    theme: Option<String>,

    /// Keys of your own, over the built-in ones, in the format of assets/keymap.toml
    #[arg(long, value_name = "FILE")]
    keymap: Option<PathBuf>,

    /// Draw with ASCII characters only
    #[arg(long)]
    ascii: bool,

    /// Leave the mouse to the terminal
    #[arg(long)]
    no_mouse: bool,
}

impl ViewArgs {
    /// What to open a client of `hosts` with.
    pub fn options(&self, hosts: &str) -> Result<Options, Usage> {
        let mut options = Options::new(hosts)
            .map_err(|error| Usage(format!("{hosts:?} names no servers: {error}")))?
            .session_timeout(self.session_timeout)
            .read_only(self.read_only)
            .allow_read_only_server(true);
        let more = variable::text("ZOOSCOPE_AUTH")?.unwrap_or_default();
        let given = self.auth.iter().cloned();
        for auth in given.chain(identity::parse_lines(&more)) {
            options = options.auth(auth.map_err(Usage)?);
        }
        Ok(options)
    }
}

/// Opens the explorer on the servers that are named, and stays until it is quit.
pub async fn run(args: ExploreArgs) -> anyhow::Result<()> {
    let hosts = match args.hosts {
        Some(hosts) => hosts,
        None => variable::text("ZOOSCOPE_HOSTS")?.unwrap_or_else(|| DEFAULT_HOSTS.to_owned()),
    };
    let mut options = args.view.options(&hosts)?;
    let sasl = match args.sasl {
        Some(given) => Some(given),
        None => variable::text("ZOOSCOPE_SASL")?.map(|given| sasl::parse(&given)),
    };
    if let Some(sasl) = sasl {
        options = options.sasl(sasl.map_err(|error| Usage(format!("--sasl: {error}")))?);
    }
    if let Some(tls) = args.tls.options()? {
        options = options.tls(tls);
    }
    explore(hosts, options, args.view).await
}

/// Opens the explorer on the cluster of this name and stays until it is quit.
pub async fn explore(cluster: String, options: Options, args: ViewArgs) -> anyhow::Result<()> {
    let start = Start {
        settings: Settings {
            read_only: args.read_only,
            chroot_len: match options.hosts().chroot() {
                chroot if chroot.is_root() => 0,
                chroot => chroot.as_str().len(),
            },
            cluster,
            path: args.path,
            mouse: !args.no_mouse,
            charset: charset(args.ascii),
            ..Settings::default()
        },
        keymap: keymap(args.keymap.as_deref())?,
        look: look(args.theme.as_deref(), charset(args.ascii))?,
        clock: app::now,
    };
    need_terminal()?;
    let client = Client::connect(options);
    let mut tty = RealTty::enter(!args.no_mouse).context("can't take over the terminal")?;
    #[cfg(debug_assertions)]
    panic_if_asked();
    let result = app::run(&mut tty, World::new(client.clone()), start).await;
    drop(tty);
    close(&client).await;
    result.context("the terminal failed")
}

/// What a panic beside the event loop leaves behind can only be tested by one.
#[cfg(debug_assertions)]
#[expect(clippy::panic, reason = "a test has asked for it")]
fn panic_if_asked() {
    if std::env::var_os("ZOOSCOPE_PANIC").is_some() {
        tokio::spawn(async { panic!("ZOOSCOPE_PANIC is set") });
    }
}

/// Without a terminal nothing is started.
pub fn need_terminal() -> Result<(), Usage> {
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        return Ok(());
    }
    let text = "the explorer needs a terminal, and stdin or stdout is none";
    Err(Usage(text.into()))
}

/// Ends the session, so that its watches go at once; but nobody waits for a server that does
/// not answer.
async fn close(client: &Client) {
    let _ = tokio::time::timeout(Duration::from_millis(500), client.close()).await;
}

const fn charset(ascii: bool) -> Charset {
    if ascii {
        Charset::Ascii
    } else {
        Charset::Unicode
    }
}

/// Asked for by name, or by `NO_COLOR`. Crossterm must not act on that variable by itself: it
/// would drop the selection along with the colours.
fn look(theme: Option<&str>, charset: Charset) -> anyhow::Result<Look> {
    crossterm::style::force_color_output(true);
    let plain = variable::bytes("NO_COLOR").is_some();
    let name = theme.unwrap_or(if plain { "mono" } else { "dark" });
    let theme = Theme::named(name).map_err(|error| Usage(error.to_string()))?;
    Ok(Look::new(theme, charset, TimeZone::system()))
}

/// The keys, with the user's file over the built-in ones.
fn keymap(file: Option<&Path>) -> anyhow::Result<Keymap> {
    let Some(file) = file else {
        return Ok(Keymap::default());
    };
    let name = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Usage(format!("can't read the keymap {name}: {error}")))?;
    let keymap = config::keymap::load(Some(&text))
        .map_err(|error| Usage(format!("the keymap {name} has mistakes: {error}")))?;
    Ok(keymap)
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) if (1.0..=86_400.0).contains(&seconds) => Ok(time),
        _ => Err("from 1 second to a day".to_owned()),
    }
}
