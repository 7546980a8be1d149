//! Themes: a style for each meaning, read from TOML. The three of `assets/themes` are built
//! in; anything wrong with a theme is told all at once.
//!
//! It knows the sixteen named colours and refuses others: what they look like is the user's
//! palette's business, and every terminal has them.

use ratatui::style::{Color, Modifier, Style};

const DARK: &str = include_str!("../../assets/themes/dark.toml");
const LIGHT: &str = include_str!("../../assets/themes/light.toml");
const MONO: &str = include_str!("../../assets/themes/mono.toml");

macro_rules! roles {
    ($($role:ident = $name:literal),* $(,)?) => {
        /// What a piece of the screen means; a theme says what that looks like.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the themes' comments describe them")]
        pub enum Role { $($role),* }

        impl Role {
            /// Every meaning and its name in a theme's file.
            pub const ALL: &[(Self, &'static str)] = &[$((Self::$role, $name)),*];
        }
    };
}

roles! {
    Text = "text", Dim = "dim", Rule = "rule", RuleFocused = "rule-focused", Title = "title",
    TitleFocused = "title-focused", Selected = "selected",
    SelectedUnfocused = "selected-unfocused", Match = "match",
    Mark = "mark", Count = "count", Ephemeral = "ephemeral", Sequence = "sequence",
    Changed = "changed", Gone = "gone",
    Key = "key", String = "string", Number = "number", Literal = "literal",
    Punctuation = "punctuation", Offset = "offset", Hex = "hex", Zero = "zero",
    Good = "good", Caution = "caution", Bad = "bad", Stale = "stale", Added = "added",
    Removed = "removed",
    Connecting = "connecting", Connected = "connected", ReadOnly = "read-only",
    Suspended = "suspended", Lost = "lost", AuthFailed = "auth-failed", Closed = "closed",
    Behind = "behind", Chord = "chord", Field = "field", Cursor = "cursor",
}

/// A style for each meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    styles: Vec<Style>,
}

/// All that is wrong with a theme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ThemeError(pub Vec<String>);

impl Theme {
    /// The names of the built-in themes.
    pub const NAMES: [&str; 3] = ["dark", "light", "mono"];

    /// A built-in theme.
    pub fn named(name: &str) -> Result<Self, ThemeError> {
        match name {
            "dark" => Self::parse(DARK),
            "light" => Self::parse(LIGHT),
            "mono" => Self::parse(MONO),
            _ => {
                let names = Self::NAMES.join(", ");
                Err(ThemeError(vec![format!(
                    "there is no theme {name:?}; there are {names}"
                )]))
            }
        }
    }

    /// Reads a theme's file: every meaning must be there, and nothing else.
    pub fn parse(source: &str) -> Result<Self, ThemeError> {
        let table: toml::Table = source
            .parse()
            .map_err(|error: toml::de::Error| ThemeError(vec![error.message().to_owned()]))?;
        let mut wrong: Vec<String> = table
            .keys()
            .filter(|key| Role::ALL.iter().all(|(_, name)| name != key))
            .map(|key| format!("{key}: no such meaning"))
            .collect();
        let mut styles = Vec::with_capacity(Role::ALL.len());
        for (_, name) in Role::ALL {
            match table.get(*name).map(toml::Value::as_str) {
                Some(Some(text)) => match parse_style(text) {
                    Ok(style) => styles.push(style),
                    Err(why) => wrong.push(format!("{name}: {why}")),
                },
                Some(None) => wrong.push(format!("{name}: a style is a text in quotes")),
                None => wrong.push(format!("{name}: missing")),
            }
        }
        if wrong.is_empty() {
            Ok(Self { styles })
        } else {
            Err(ThemeError(wrong))
        }
    }

    /// What this meaning looks like.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }
}

/// Reads `green`, `bold`, `black on yellow bold` …
fn parse_style(text: &str) -> Result<Style, String> {
    let mut style = Style::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        style = match word {
            "on" => {
                let colour = words.next().and_then(parse_colour);
                style.bg(colour.ok_or("`on` wants the name of a colour behind it")?)
            }
            "bold" => style.add_modifier(Modifier::BOLD),
            "dim" => style.add_modifier(Modifier::DIM),
            "italic" => style.add_modifier(Modifier::ITALIC),
            "underline" => style.add_modifier(Modifier::UNDERLINED),
            "reverse" => style.add_modifier(Modifier::REVERSED),
            word => {
                let colour = parse_colour(word);
                style.fg(colour.ok_or_else(|| format!("{word:?} is no colour and no weight"))?)
            }
        };
    }
    Ok(style)
}

fn parse_colour(name: &str) -> Option<Color> {
    let (base, bright) = match name.strip_prefix("bright-") {
        Some(base) => (base, true),
        None => (name, false),
    };
    Some(match (base, bright) {
        ("default", false) => Color::Reset,
        ("black", false) => Color::Black,
        ("red", false) => Color::Red,
        ("green", false) => Color::Green,
        ("yellow", false) => Color::Yellow,
        ("blue", false) => Color::Blue,
        ("magenta", false) => Color::Magenta,
        ("cyan", false) => Color::Cyan,
        ("white", false) => Color::Gray,
        ("black", true) => Color::DarkGray,
        ("red", true) => Color::LightRed,
        ("green", true) => Color::LightGreen,
        ("yellow", true) => Color::LightYellow,
        ("blue", true) => Color::LightBlue,
        ("magenta", true) => Color::LightMagenta,
        ("cyan", true) => Color::LightCyan,
        ("white", true) => Color::White,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_themes_are_whole() {
        for name in Theme::NAMES {
            assert_eq!(Theme::named(name).map(|_| ()), Ok(()), "{name}");
        }
        let error = Theme::named("pink").expect_err("no such theme");
        assert!(error.to_string().contains("dark, light, mono"));
    }

    #[test]
    fn mono_has_no_colour_and_its_selection_can_be_seen() {
        let mono = Theme::named("mono").expect("built in");
        for (role, name) in Role::ALL {
            let style = mono.style(*role);
            assert_eq!((style.fg, style.bg), (None, None), "{name}");
        }
        let selected = mono.style(Role::Selected);
        assert!(selected.add_modifier.contains(Modifier::REVERSED));
    }

    #[test]
    fn all_errors_at_once() {
        let source = DARK
            .replace("text = \"\"", "text = \"crimson\"\nbogus = \"red\"")
            .replace("title = \"bold\"\n", "")
            .replace("rule = \"dim\"", "rule = 3");
        let ThemeError(wrong) = Theme::parse(&source).expect_err("wrong in four ways");
        assert_eq!(
            wrong,
            [
                "bogus: no such meaning",
                "text: \"crimson\" is no colour and no weight",
                "rule: a style is a text in quotes",
                "title: missing",
            ]
        );
        assert!(Theme::parse("text = ").is_err());
    }

    #[test]
    fn styles_read_as_they_are_written() {
        let style = parse_style("black on bright-yellow bold").expect("a style");
        assert_eq!(
            style,
            Style::new()
                .fg(Color::Black)
                .bg(Color::LightYellow)
                .add_modifier(Modifier::BOLD)
        );
        assert!(parse_style("red on").is_err());
    }
}
