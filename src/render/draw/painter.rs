//! Draws frame after frame of one video.

use super::angles::{self, AngleMemory};
use super::body::Body;
use super::canvas::{Canvas, Placement};
use super::overlay::Overlay;
use super::panel::Panel;
use super::text::Lettering;
use super::theme::{Element, Theme};
use super::trails::{self, DEFAULT_POINTS, Trail, TrailPoint};
use super::{blend, boxes, clock, events, skeleton};
use crate::image::yuv::YuvImage;
use crate::scene::{SceneContext, SceneFrame, ScenePerson};

/// The reason why nothing can be drawn.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DrawError {
    /// A picture without pixels, or beyond 2^31 of them.
    #[error("cannot draw on a picture of {width} x {height} pixels")]
    Size {
        /// Width.
        width: usize,
        /// Height.
        height: usize,
    },
    /// The font that comes with the program cannot be read.
    #[error("cannot read the font: {0}")]
    Font(#[from] ab_glyph::InvalidFont),
}

/// Draws frame after frame of one video. It remembers the last second's frames for trails.
#[derive(Debug)]
pub(crate) struct Painter {
    theme: Theme,
    elements: Vec<Element>,
    context: SceneContext,
    placement: Placement,
    only_people: Option<Vec<u16>>,
    overlay: Overlay,
    lettering: Lettering,
    trail: Trail,
    angle_memory: AngleMemory,
    panel: Option<Panel>,
}

impl Painter {
    /// Creates a painter for pictures of `size_px` (width, height), each rounded up to an even number. Events,
    /// repetitions and samples of curves in `context` are in chronological order.
    ///
    /// # Errors
    /// On a picture without pixels or too many of them.
    pub(crate) fn new(
        size_px: [usize; 2],
        theme: Theme,
        elements: &[Element],
        context: SceneContext,
    ) -> Result<Self, DrawError> {
        let size_px = size_px.map(|length| length.next_multiple_of(2));
        let [width, height] = size_px;
        let overlay = Overlay::new(size_px).ok_or(DrawError::Size { width, height })?;
        let trail = theme.trail(DEFAULT_POINTS.to_vec());
        let mut painter = Self {
            theme,
            elements: elements.to_vec(),
            context,
            placement: Placement::default(),
            only_people: None,
            overlay,
            lettering: Lettering::new()?,
            trail,
            angle_memory: AngleMemory::default(),
            panel: None,
        };
        painter.make_panel();
        Ok(painter)
    }

    /// Sets the placement of the video's picture on the canvas for the following frames.
    pub(crate) fn set_placement(&mut self, placement: Placement) {
        self.placement = placement;
    }

    /// Draws only these people; `None` means all. The person with the lowest id is the main athlete, whose metrics and
    /// repetitions are shown; among all people that is id 0.
    pub(crate) fn set_people(&mut self, only_people: Option<Vec<u16>>) {
        self.only_people = only_people;
        self.make_panel();
    }

    /// Sets the points whose trails are drawn from now on.
    pub(crate) fn set_trail_points(&mut self, points: Vec<TrailPoint>) {
        self.trail = self.theme.trail(points);
    }

    /// Records a frame that is not drawn: trails may begin in it.
    pub(crate) fn remember(&mut self, frame: &SceneFrame) {
        if self.has(Element::Trails) {
            self.trail.push(frame);
        }
    }

    /// Draws a frame on its picture. Frames come in chronological order; a step back restarts the trails.
    pub(crate) fn draw(&mut self, frame: &SceneFrame, image: &mut YuvImage) {
        self.overlay.clear();
        if self.has(Element::Trails) {
            self.trail.push(frame);
        }
        self.draw_on_overlay(frame);
        blend::blend_onto(&self.overlay, image);
    }

    fn draw_on_overlay(&mut self, frame: &SceneFrame) {
        let main = self.main_person();
        let has: Vec<bool> = Element::ALL.iter().map(|element| self.has(*element)).collect();
        let has = |element: Element| has[element as usize];
        let Self { theme, context, placement, overlay, lettering, .. } = self;
        let mut canvas = Canvas { overlay, lettering, theme, labels: Vec::new() };
        let is_drawn = |id: u16| self.only_people.as_ref().is_none_or(|people| people.contains(&id));
        let least_visibility = theme.limits.least_visibility;
        let body = |person| Some((person, Body::new(person, *placement, least_visibility)?));
        let people = frame.people.iter().filter(|person| is_drawn(person.person_id));
        // The main athlete last, above all others.
        let mut bodies: Vec<(&ScenePerson, Body)> = people.filter_map(body).collect();
        bodies.sort_by_key(|(person, _)| std::cmp::Reverse(person.person_id));
        for (person, body) in &bodies {
            if has(Element::Trails) {
                let size = skeleton::size_factor(&canvas, body);
                trails::draw(&mut canvas, &self.trail, person.person_id, *placement, size);
            }
            if has(Element::Boxes) {
                boxes::draw(&mut canvas, body);
            }
            if has(Element::Skeleton) {
                skeleton::draw(&mut canvas, body);
            }
            if has(Element::Angles) {
                angles::draw_wedges(&mut canvas, body, &person.angles);
            }
        }
        // Above people, and before the labels, which avoid the panel.
        if has(Element::Panel)
            && let Some(panel) = &self.panel
        {
            panel.draw(&mut canvas, &context.curves, frame.time_s);
        }
        if has(Element::Events)
            && let Some(main) = main
        {
            events::draw_count(&mut canvas, context, main, frame.time_s);
        }
        if has(Element::Time) {
            clock::draw(&mut canvas, frame, context.rate_hz);
        }
        let bones: Vec<_> = bodies.iter().flat_map(|(_, body)| angles::bones(body)).collect();
        for (person, body) in bodies.iter().rev() {
            let id = person.person_id;
            if has(Element::Ids) {
                let name = context.names.iter().find(|(named, _)| *named == id).map(|(_, name)| name.as_str());
                skeleton::draw_id(&mut canvas, body, id, name);
            }
            if has(Element::Events) {
                events::draw(&mut canvas, body, id, &context.events, frame.time_s);
            }
            if has(Element::Angles) {
                angles::draw_values(&mut canvas, &mut self.angle_memory, body, id, &person.angles, &bones);
            }
        }
    }

    fn has(&self, element: Element) -> bool {
        self.elements.contains(&element)
    }

    fn main_person(&self) -> Option<u16> {
        self.only_people.as_ref().map_or(Some(0), |people| people.iter().min().copied())
    }

    fn make_panel(&mut self) {
        let main = self.main_person().filter(|_| self.has(Element::Panel));
        let size_px = self.overlay.size_px();
        self.panel = main.and_then(|main| Panel::new(size_px, &self.theme, &mut self.lettering, &self.context, main));
    }
}

#[cfg(test)]
mod tests;
