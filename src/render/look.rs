//! What a rendered video looks like: what is drawn, how, and on which views of the source.

use serde::Serialize;

use crate::draw::theme::{Element, Theme};

/// What is shown of the source's picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// The whole picture.
    #[default]
    Whole,
    /// A steady crop around somebody.
    Follow(u16),
    /// The source as it is, and beside it the annotated picture.
    SourceAndAnnotated,
    /// Two people, each in a crop of their own.
    TwoPeople([u16; 2]),
}

impl View {
    /// What of a file's name tells it from the whole picture; nothing if it is that.
    #[must_use]
    pub fn mark(self) -> Option<String> {
        match self {
            Self::Whole => None,
            Self::Follow(person_id) => Some(format!("follow{person_id}")),
            Self::SourceAndAnnotated => Some("side_by_side".to_owned()),
            Self::TwoPeople([left, right]) => Some(format!("side_by_side{left}-{right}")),
        }
    }
}

/// What lies below the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// The source's picture.
    #[default]
    Picture,
    /// The source's picture, with everybody's head made unrecognizable.
    FacesBlurred,
    /// One dark color: nothing of the source is to be seen.
    Plain,
}

/// What is drawn, and how it looks.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Look {
    /// What is drawn.
    pub elements: Vec<Element>,
    /// Colors, sizes.
    pub theme: Theme,
    /// What is shown of the picture.
    pub view: View,
    /// What lies below.
    pub ground: Ground,
    /// Who is drawn; everybody where nobody is named.
    pub people: Option<Vec<u16>>,
}

/// A part of the rendered picture.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pane {
    /// Who is followed; nobody where the whole picture is shown.
    pub(super) follows: Option<u16>,
    /// Who is drawn; `None` is everybody.
    pub(super) people: Option<Vec<u16>>,
    pub(super) is_annotated: bool,
}

impl Look {
    /// The parts of the picture, from the left.
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

    /// Who is followed somewhere.
    #[must_use]
    pub fn followed(&self) -> Vec<u16> {
        self.panes().iter().filter_map(|pane| pane.follows).collect()
    }

    /// How many times the memory of the source's picture a frame takes.
    #[must_use]
    pub fn pictures_per_frame(&self) -> u64 {
        match self.view {
            View::Whole => 1,
            View::Follow(_) => 2,
            View::SourceAndAnnotated | View::TwoPeople(_) => 3,
        }
    }
}
