//! The look of a rendered video: the elements, their theme, and the view of the source.

use serde::Serialize;

use crate::render::draw::theme::{Element, Theme};

/// The view of the source's picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum View {
    /// The whole picture.
    #[default]
    Whole,
    /// A steady crop around one person.
    Follow(u16),
    /// The source beside the annotated picture.
    SourceAndAnnotated,
    /// Two people, each in their own crop.
    TwoPeople([u16; 2]),
}

impl View {
    /// Returns the part of a file's name that marks the view; `None` for the whole picture.
    #[must_use]
    pub(crate) fn mark(self) -> Option<String> {
        match self {
            Self::Whole => None,
            Self::Follow(person_id) => Some(format!("follow{person_id}")),
            Self::SourceAndAnnotated => Some("side_by_side".to_owned()),
            Self::TwoPeople([left, right]) => Some(format!("side_by_side{left}-{right}")),
        }
    }
}

/// The background of the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ground {
    /// The source's picture.
    #[default]
    Picture,
    /// The source's picture with every head blurred.
    FacesBlurred,
    /// One dark color; the source is hidden.
    Plain,
}

/// The look of rendered pictures.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(crate) struct Look {
    /// The elements to draw.
    pub(crate) elements: Vec<Element>,
    /// Colors and sizes.
    pub(crate) theme: Theme,
    /// The view of the source's picture.
    pub(crate) view: View,
    /// The background.
    pub(crate) ground: Ground,
    /// The ids of the people to draw; `None` means everybody.
    pub(crate) people: Option<Vec<u16>>,
}

/// A part of the rendered picture.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pane {
    /// The id of the person to follow; `None` shows the whole picture.
    pub(super) follows: Option<u16>,
    /// The ids of the people to draw; `None` means everybody.
    pub(super) people: Option<Vec<u16>>,
    pub(super) is_annotated: bool,
}

impl Look {
    /// Returns the panes of the picture, from left to right.
    pub(super) fn panes(&self) -> Vec<Pane> {
        let whole = Pane { follows: None, people: self.people.clone(), is_annotated: true };
        match self.view {
            View::Whole => vec![whole],
            View::Follow(person_id) => vec![Pane { follows: Some(person_id), ..whole }],
            View::SourceAndAnnotated => vec![Pane { is_annotated: false, ..whole.clone() }, whole],
            View::TwoPeople(people) => people
                .map(|person_id| Pane { follows: Some(person_id), people: Some(vec![person_id]), is_annotated: true })
                .to_vec(),
        }
    }

    /// Returns the ids of all followed people.
    #[must_use]
    pub(crate) fn followed(&self) -> Vec<u16> {
        self.panes().iter().filter_map(|pane| pane.follows).collect()
    }

    /// Returns the memory of a frame as a multiple of the source picture's memory.
    #[must_use]
    pub(crate) fn pictures_per_frame(&self) -> u64 {
        match self.view {
            View::Whole => 1,
            View::Follow(_) => 2,
            View::SourceAndAnnotated | View::TwoPeople(_) => 3,
        }
    }
}
