//! Composes the picture to encode from a source picture and its scene.

use std::collections::HashMap;

use super::error::RenderError;
use super::ghosts::GhostLayer;
use super::look::{Ground, Look, Pane};
use crate::image::yuv::YuvImage;
use crate::render::draw::blur::blur_faces;
use crate::render::draw::{Painter, Placement, TrailPoint};
use crate::render::framing::compose::{draw_at, side_by_side};
use crate::render::framing::crop_scale::{Border, CropScaler, Rectangle};
use crate::scene::{SceneContext, SceneFrame, ScenePerson};

/// The background color if the source is hidden. It is dark, so that the colors of the theme stand out.
const PLAIN_RGB: [u8; 3] = [0x16, 0x1a, 0x20];
/// The gap between two panes of the picture, as a share of its height.
const GAP: f32 = 0.008;
/// The maximum width of a picture, pixels: most players cannot decode wider ones.
const MAX_WIDTH_PX: usize = 3840;
/// The time for which the last position of a lost person's head stays blurred, seconds.
const BLUR_HOLD_S: f64 = 0.5;

/// The crop of every frame, by person.
pub(crate) type Crops = HashMap<u16, Vec<Rectangle>>;

/// The data that the pictures of one video are made from.
pub(crate) struct Ingredients {
    /// The look.
    pub(crate) look: Look,
    /// The data of the whole video.
    pub(crate) context: SceneContext,
    /// The points whose path is shown.
    pub(crate) trail_points: Vec<TrailPoint>,
    /// The crops of the people that the look follows.
    pub(crate) crops: Crops,
    /// Another attempt, drawn over this one.
    pub(crate) ghost: Option<GhostLayer>,
}

/// Makes the pictures of one video, in chronological order.
pub(crate) struct Composer {
    ingredients: Ingredients,
    panes: Vec<Pane>,
    stage: Option<Stage>,
    scaler: CropScaler,
    /// The people seen recently, each with the time of the last sighting.
    recently: HashMap<u16, (f64, ScenePerson)>,
    waiting: Vec<SceneFrame>,
}

/// State that depends on the size of the pictures, which is known from the first picture.
struct Stage {
    canvas_px: [usize; 2],
    pane_px: [usize; 2],
    origins_px: Vec<[usize; 2]>,
    painters: Vec<Option<Painter>>,
    ghost_painter: Option<Painter>,
    scratch: YuvImage,
}

impl Composer {
    /// Creates a composer for one video.
    #[must_use]
    pub(crate) fn new(ingredients: Ingredients) -> Self {
        Self {
            panes: ingredients.look.panes(),
            ingredients,
            stage: None,
            scaler: CropScaler::new(Border::Black),
            recently: HashMap::new(),
            waiting: Vec::new(),
        }
    }

    /// Returns whether pictures are drawn on in place.
    #[must_use]
    pub(crate) fn is_in_place(&self) -> bool {
        self.panes.len() == 1 && self.panes.iter().all(|pane| pane.follows.is_none())
    }

    /// Returns the length of trails, seconds.
    #[must_use]
    pub(crate) fn memory_s(&self) -> f64 {
        f64::from(self.ingredients.look.theme.limits.trail_s)
    }

    /// Records a frame that is not shown.
    pub(crate) fn remember(&mut self, scene: SceneFrame) {
        self.waiting.push(scene);
    }

    /// Draws on a picture.
    ///
    /// # Errors
    /// The picture has no pixels.
    pub(crate) fn draw_on(&mut self, picture: &mut YuvImage, scene: &SceneFrame) -> Result<(), RenderError> {
        self.prepare_ground(picture, scene);
        let stage = self.set_stage(picture)?;
        for painter in stage.ghost_painter.iter_mut().chain(stage.painters.iter_mut().flatten()) {
            painter.set_placement(Placement::default());
        }
        self.paint(0, scene, picture);
        Ok(())
    }

    /// Makes a new picture from `picture`, which is changed as well.
    ///
    /// # Errors
    /// The picture has no pixels.
    pub(crate) fn compose(
        &mut self,
        picture: &mut YuvImage,
        scene: &SceneFrame,
        canvas: &mut YuvImage,
    ) -> Result<(), RenderError> {
        self.prepare_ground(picture, scene);
        let stage = self.set_stage(picture)?;
        let (canvas_px, pane_px) = (stage.canvas_px, stage.pane_px);
        let mut scratch = std::mem::take(&mut stage.scratch);
        make_fit(&mut scratch, pane_px, picture);
        if [canvas.width(), canvas.height()] != canvas_px || canvas.colors != picture.colors {
            *canvas = YuvImage::new(canvas_px, picture.colors);
        }
        for index in 0..self.panes.len() {
            let part = self.part(index, scene.frame_idx, picture);
            self.scaler.draw(picture, part, &mut scratch)?;
            let scale = pane_px[0] as f32 / part.width_px;
            let offset_px = [-part.x_px * scale, -part.y_px * scale];
            if let Some(stage) = &mut self.stage {
                for painter in stage.ghost_painter.iter_mut().chain(&mut stage.painters[index]) {
                    painter.set_placement(Placement { scale, offset_px });
                }
            }
            self.paint(index, scene, &mut scratch);
            let origin = self.stage.as_ref().map_or([0, 0], |stage| stage.origins_px[index]);
            draw_at(&scratch, origin, canvas);
        }
        if let Some(stage) = &mut self.stage {
            stage.scratch = scratch;
        }
        Ok(())
    }

    fn part(&self, pane: usize, frame_idx: u32, picture: &YuvImage) -> Rectangle {
        let followed = self.panes[pane].follows.and_then(|person| self.ingredients.crops.get(&person));
        // Frames that are missing in the tables use the crop of the last known frame.
        let crop = followed.and_then(|crops| crops.get(frame_idx as usize).or(crops.last()));
        crop.copied().unwrap_or(Rectangle::whole([picture.width(), picture.height()]))
    }

    fn paint(&mut self, pane: usize, scene: &SceneFrame, image: &mut YuvImage) {
        let Some(stage) = &mut self.stage else { return };
        if !self.panes[pane].is_annotated {
            return;
        }
        let mut compared = None;
        if let (Some(layer), Some(painter)) = (&self.ingredients.ghost, &mut stage.ghost_painter)
            && let Some(ghost) = layer.at(scene)
        {
            painter.draw(ghost, image);
            compared = Some(layer.compared(scene, ghost));
        }
        if let Some(painter) = &mut stage.painters[pane] {
            painter.draw(compared.as_ref().unwrap_or(scene), image);
        }
    }

    /// Turns the source's picture into the background of the drawing.
    fn prepare_ground(&mut self, picture: &mut YuvImage, scene: &SceneFrame) {
        match self.ingredients.look.ground {
            Ground::Picture => {}
            Ground::Plain => picture.fill(PLAIN_RGB),
            Ground::FacesBlurred => {
                self.recently.retain(|_, (time_s, _)| (scene.time_s - *time_s).abs() <= BLUR_HOLD_S);
                for person in &scene.people {
                    self.recently.insert(person.person_id, (scene.time_s, person.clone()));
                }
                let people: Vec<ScenePerson> = self.recently.values().map(|(_, person)| person.clone()).collect();
                blur_faces(picture, &people, &Placement::default());
            }
        }
    }

    fn set_stage(&mut self, picture: &YuvImage) -> Result<&mut Stage, RenderError> {
        let stage = match self.stage.take() {
            Some(stage) => stage,
            None => self.new_stage([picture.width(), picture.height()])?,
        };
        Ok(self.stage.insert(stage))
    }

    fn new_stage(&mut self, picture_px: [usize; 2]) -> Result<Stage, RenderError> {
        let Ingredients { look, context, trail_points, ghost, .. } = &self.ingredients;
        let gap_px = (picture_px[1] as f32 * GAP).round() as usize;
        let n_panes = self.panes.len();
        let follows_two = n_panes > 1 && self.panes.iter().all(|pane| pane.follows.is_some());
        // Two people share the size of a wide picture; otherwise each pane has the full size.
        let share = if follows_two && picture_px[0] > picture_px[1] { n_panes } else { 1 };
        let wanted = [picture_px[0] / share, picture_px[1]];
        let shrink = (MAX_WIDTH_PX as f32 / (wanted[0] * n_panes + gap_px) as f32).min(1.0);
        let shrink = if n_panes == 1 { 1.0 } else { shrink };
        let pane_px = wanted.map(|length| ((length as f32 * shrink) as usize).max(2).next_multiple_of(2));
        let (canvas_px, origins_px) = if n_panes == 1 {
            (pane_px, vec![[0, 0]])
        } else {
            let places = side_by_side(pane_px, pane_px, gap_px);
            (places.size_px, vec![places.left_origin_px, places.right_origin_px])
        };
        let painter = |pane: &Pane| -> Result<Option<Painter>, RenderError> {
            if !pane.is_annotated {
                return Ok(None);
            }
            let mut painter = Painter::new(pane_px, look.theme.clone(), &look.elements, context.clone())?;
            painter.set_people(pane.people.clone());
            painter.set_trail_points(trail_points.clone());
            self.waiting.iter().for_each(|scene| painter.remember(scene));
            Ok(Some(painter))
        };
        let painters = self.panes.iter().map(painter).collect::<Result<Vec<_>, _>>()?;
        let ghost_painter = ghost.as_ref().map(|_| GhostLayer::painter(pane_px, &look.theme)).transpose()?;
        self.waiting.clear();
        Ok(Stage { canvas_px, pane_px, origins_px, painters, ghost_painter, scratch: YuvImage::default() })
    }
}

fn make_fit(image: &mut YuvImage, size_px: [usize; 2], like: &YuvImage) {
    if [image.width(), image.height()] != size_px || image.colors != like.colors {
        *image = YuvImage::new(size_px, like.colors);
    }
}
