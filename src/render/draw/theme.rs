//! The theme: colors, sizes, opacities. A TOML file can override each value.
//!
//! The default colors are from Okabe and Ito's palette, which people with any kind of color blindness can tell apart
//! (Okabe & Ito 2008, "Color Universal Design").

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A color as in `#56B4E9`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Color {
    /// Red.
    pub(crate) red: u8,
    /// Green.
    pub(crate) green: u8,
    /// Blue.
    pub(crate) blue: u8,
}

impl Color {
    const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }
}

/// A color that is not `#` and six hexadecimal digits.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("invalid color `{0}`: expected `#` and six hexadecimal digits, as in `#56B4E9`")]
pub(crate) struct ColorError(String);

impl FromStr for Color {
    type Err = ColorError;

    fn from_str(text: &str) -> Result<Self, ColorError> {
        let refused = || ColorError(text.to_owned());
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6).ok_or_else(refused)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(refused());
        }
        let number = u32::from_str_radix(digits, 16).map_err(|_| refused())?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Self { red, green, blue })
    }
}

impl fmt::Display for Color {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{:02X}{:02X}{:02X}", self.red, self.green, self.blue)
    }
}

impl<'de> Deserialize<'de> for Color {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Serialize for Color {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The colors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Colors {
    /// The athlete's left: Okabe-Ito's sky blue.
    pub(crate) left: Color,
    /// The athlete's right: Okabe-Ito's orange.
    pub(crate) right: Color,
    /// Bones across the body, the nose, boxes: nearly white.
    pub(crate) middle: Color,
    /// The trail of the center of mass, bars of progress: Okabe-Ito's yellow.
    pub(crate) accent: Color,
    /// Text.
    pub(crate) text: Color,
    /// Secondary text: labels, units, frame numbers.
    pub(crate) muted: Color,
    /// The edge below lines and text: nearly black.
    pub(crate) casing: Color,
}

impl Default for Colors {
    fn default() -> Self {
        Self {
            left: Color::new(0x56, 0xB4, 0xE9),
            right: Color::new(0xE6, 0x9F, 0x00),
            middle: Color::new(0xF2, 0xF2, 0xF2),
            accent: Color::new(0xF0, 0xE4, 0x42),
            text: Color::new(0xFF, 0xFF, 0xFF),
            muted: Color::new(0xC4, 0xCA, 0xD2),
            casing: Color::new(0x10, 0x14, 0x1A),
        }
    }
}

/// Lengths, as shares of the picture's height (of its width in portrait format): 0.01 is 7.2 px of 1280 x 720.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sizes {
    /// Width of the bones of a person who fills most of the picture; thinner on smaller people.
    pub(crate) bone: f32,
    /// Width of the dark edge on both sides of lines.
    pub(crate) casing: f32,
    /// Radius of joints; smaller on smaller people.
    pub(crate) joint: f32,
    /// Width of thin lines: boxes, arcs, sparklines.
    pub(crate) line: f32,
    /// Width of trails at their newest end.
    pub(crate) trail: f32,
    /// Height of letters (em) of names, angles and events.
    pub(crate) text: f32,
    /// Height of letters (em) in the panel and of the clock.
    pub(crate) panel_text: f32,
    /// Distance of panel, counter and clock from the picture's border.
    pub(crate) margin: f32,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            bone: 0.0062,
            casing: 0.0018,
            joint: 0.0066,
            line: 0.0028,
            trail: 0.0048,
            text: 0.027,
            panel_text: 0.024,
            margin: 0.022,
        }
    }
}

/// Opacities from 0 (invisible) to 1 (opaque).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Opacities {
    /// Bones and joints with high visibility.
    pub(crate) skeleton: f32,
    /// The dark edge of lines and letters.
    pub(crate) casing: f32,
    /// The dark plates behind panel, names and clock.
    pub(crate) plate: f32,
    /// The newest end of trails.
    pub(crate) trail: f32,
    /// The lines of boxes.
    pub(crate) boxes: f32,
    /// The wedge within an angle's arc.
    pub(crate) wedge: f32,
}

impl Default for Opacities {
    fn default() -> Self {
        Self { skeleton: 0.95, casing: 0.6, plate: 0.66, trail: 0.85, boxes: 0.7, wedge: 0.22 }
    }
}

/// Limits that decide whether and how long something is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// The visibility below which points are dotted and thin; bones fade below twice this value.
    pub(crate) dotted_visibility: f32,
    /// The visibility below which points are left out.
    pub(crate) least_visibility: f32,
    /// The length of trails, seconds.
    pub(crate) trail_s: f32,
    /// The display time of an event's label, seconds.
    pub(crate) event_s: f32,
    /// The minimum length of both bones of a drawn angle, as a multiple of the letter height of its value.
    pub(crate) angle_bone_in_text: f32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { dotted_visibility: 0.4, least_visibility: 0.1, trail_s: 1.0, event_s: 0.4, angle_bone_in_text: 2.0 }
    }
}

/// The look of drawings.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Theme {
    /// `[colors]`
    pub(crate) colors: Colors,
    /// `[sizes]`
    pub(crate) sizes: Sizes,
    /// `[opacities]`
    pub(crate) opacities: Opacities,
    /// `[limits]`
    pub(crate) limits: Limits,
}

/// An error in a theme file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ThemeError {
    /// Not TOML, an unknown key, or a value of the wrong kind.
    #[error("{0}")]
    Syntax(#[from] toml::de::Error),
    /// A number out of range.
    #[error("`{key} = {value}`: expected {least} to {greatest}")]
    Range {
        /// The key, such as `sizes.bone`.
        key: &'static str,
        /// The value in the file.
        value: f32,
        /// The smallest allowed value.
        least: f32,
        /// The greatest allowed value.
        greatest: f32,
    },
}

impl Theme {
    /// Reads the text of a theme file; missing values keep their defaults.
    ///
    /// # Errors
    /// On text that is not TOML, unknown keys, and numbers out of range.
    pub(crate) fn from_toml(text: &str) -> Result<Self, ThemeError> {
        let theme: Self = toml::from_str(text)?;
        theme.check()?;
        Ok(theme)
    }

    fn check(&self) -> Result<(), ThemeError> {
        let Self { sizes, opacities, limits, colors: _ } = self;
        let numbers = [
            ("sizes.bone", sizes.bone, 0.0005, 0.1),
            ("sizes.casing", sizes.casing, 0.0, 0.1),
            ("sizes.joint", sizes.joint, 0.0, 0.1),
            ("sizes.line", sizes.line, 0.0005, 0.1),
            ("sizes.trail", sizes.trail, 0.0005, 0.1),
            ("sizes.text", sizes.text, 0.005, 0.2),
            ("sizes.panel_text", sizes.panel_text, 0.005, 0.2),
            ("sizes.margin", sizes.margin, 0.0, 0.2),
            ("opacities.skeleton", opacities.skeleton, 0.0, 1.0),
            ("opacities.casing", opacities.casing, 0.0, 1.0),
            ("opacities.plate", opacities.plate, 0.0, 1.0),
            ("opacities.trail", opacities.trail, 0.0, 1.0),
            ("opacities.boxes", opacities.boxes, 0.0, 1.0),
            ("opacities.wedge", opacities.wedge, 0.0, 1.0),
            ("limits.dotted_visibility", limits.dotted_visibility, 0.0, 1.0),
            ("limits.least_visibility", limits.least_visibility, 0.0, 1.0),
            ("limits.trail_s", limits.trail_s, 0.0, 60.0),
            ("limits.event_s", limits.event_s, 0.0, 60.0),
            ("limits.angle_bone_in_text", limits.angle_bone_in_text, 0.0, 100.0),
        ];
        let wrong = numbers.into_iter().find(|(_, value, least, greatest)| !(*least..=*greatest).contains(value));
        wrong.map_or(Ok(()), |(key, value, least, greatest)| Err(ThemeError::Range { key, value, least, greatest }))
    }
}

/// An element that can be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Element {
    /// Bones and joints.
    Skeleton,
    /// The id and name above each person.
    Ids,
    /// A box around each person.
    Boxes,
    /// The paths of chosen points over the last second.
    Trails,
    /// Joint angles with their values.
    Angles,
    /// Metrics and curves of the main athlete.
    Panel,
    /// Labels of events, and the count of repetitions.
    Events,
    /// Time and frame number.
    Time,
}

/// An unknown element name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("unknown element `{0}`: choose from {names}", names = Element::NAMES.join(", "))]
pub(crate) struct ElementError(String);

impl Element {
    /// All elements, in the order of [`Element::NAMES`].
    pub(crate) const ALL: [Self; 8] =
        [Self::Skeleton, Self::Ids, Self::Boxes, Self::Trails, Self::Angles, Self::Panel, Self::Events, Self::Time];
    /// Their names.
    pub(crate) const NAMES: [&'static str; 8] =
        ["skeleton", "ids", "boxes", "trails", "angles", "panel", "events", "time"];
    /// The default elements: all but boxes.
    pub(crate) const DEFAULT: [Self; 7] =
        [Self::Skeleton, Self::Ids, Self::Trails, Self::Angles, Self::Panel, Self::Events, Self::Time];

    /// Returns the name of the element.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

impl FromStr for Element {
    type Err = ElementError;

    fn from_str(name: &str) -> Result<Self, ElementError> {
        let found = Self::ALL.into_iter().find(|element| element.name() == name);
        found.ok_or_else(|| ElementError(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_file_overrides_what_it_names_only() {
        let theme = Theme::from_toml("[colors]\nleft = \"#0072b2\"\n[sizes]\nbone = 0.01\n").unwrap();
        assert_eq!(theme.colors.left.to_string(), "#0072B2");
        assert_eq!(theme.sizes.bone, 0.01);
        let expected = Theme {
            colors: Colors { left: theme.colors.left, ..Colors::default() },
            sizes: Sizes { bone: 0.01, ..Sizes::default() },
            ..Theme::default()
        };
        assert_eq!(theme, expected);
        assert_eq!(Theme::from_toml("").unwrap(), Theme::default());
    }

    #[test]
    fn unknown_keys_and_impossible_values_are_refused() {
        for text in [
            "[colors]\nlfet = \"#0072B2\"",
            "[colour]\nleft = \"#0072B2\"",
            "[colors]\nleft = \"blue\"",
            "[colors]\nleft = \"#+072B2\"",
            "[opacities]\nplate = \"half\"",
        ] {
            assert!(matches!(Theme::from_toml(text), Err(ThemeError::Syntax(_))), "{text}");
        }
        for text in ["[sizes]\nbone = -1", "[opacities]\nplate = 1.5", "[sizes]\ntext = nan", "[limits]\ntrail_s = inf"]
        {
            assert!(matches!(Theme::from_toml(text), Err(ThemeError::Range { .. })), "{text}");
        }
        let message = Theme::from_toml("[sizes]\nbone = 3").unwrap_err().to_string();
        assert_eq!(message, "`sizes.bone = 3`: expected 0.0005 to 0.1");
    }

    #[test]
    fn the_default_is_within_its_own_limits() {
        Theme::default().check().unwrap();
    }

    #[test]
    fn elements_have_the_names_of_the_command_line() {
        for (element, name) in Element::ALL.into_iter().zip(Element::NAMES) {
            assert_eq!(name.parse(), Ok(element));
        }
        assert!(!Element::DEFAULT.contains(&Element::Boxes));
        let message = "hair".parse::<Element>().unwrap_err().to_string();
        assert!(message.starts_with("unknown element `hair`: choose from skeleton, ids"), "{message}");
    }

    proptest! {
        #[test]
        fn colors_are_read_as_they_are_written(red in any::<u8>(), green in any::<u8>(), blue in any::<u8>()) {
            let color = Color { red, green, blue };
            prop_assert_eq!(color.to_string().parse::<Color>(), Ok(color));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = text.parse::<Color>();
            let _ = Theme::from_toml(&text);
        }
    }
}
