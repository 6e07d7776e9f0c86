//! A plain evaluation of graphs, for tests: one node after the other, one value at a time.

use super::graph::{Convolution, Graph, Kind, MapId, Node, Operation, Size};
use super::sigmoid::sigmoid;

/// A map in the order rows, columns, channels.
struct Map {
    size: Size,
    values: Vec<f32>,
}

impl Map {
    fn new(size: Size, value: impl Fn(usize, usize, usize) -> f32) -> Self {
        let mut values = Vec::with_capacity(size.values());
        for y in 0..size.height {
            for x in 0..size.width {
                values.extend((0..size.channels).map(|channel| value(y, x, channel)));
            }
        }
        Self { size, values }
    }

    fn at(&self, y: usize, x: usize, channel: usize) -> f32 {
        self.values[(y * self.size.width + x) * self.size.channels + channel]
    }

    /// `None` outside the rows; zero outside the columns.
    fn around(&self, y: isize, x: isize, channel: usize) -> Option<f32> {
        let y = usize::try_from(y).ok().filter(|y| *y < self.size.height)?;
        let x = usize::try_from(x).ok().filter(|x| *x < self.size.width);
        Some(x.map_or(0.0, |x| self.at(y, x, channel)))
    }
}

/// Computes the outputs of a graph as the engine's rules of arithmetic say.
pub(super) fn evaluate(graph: &Graph, input: &[f32]) -> Vec<Vec<f32>> {
    let mut maps: Vec<Option<Map>> = graph.sizes.iter().map(|_| None).collect();
    maps[0] = Some(Map { size: graph.sizes[0], values: input.to_vec() });
    for node in &graph.nodes {
        maps[node.output] = Some(compute(graph, node, &maps));
    }
    let values = |map: &MapId| maps[*map].as_ref().unwrap().values.clone();
    graph.outputs.iter().map(|output| output.iter().flat_map(values).collect()).collect()
}

fn compute(graph: &Graph, node: &Node, maps: &[Option<Map>]) -> Map {
    let size = graph.sizes[node.output];
    let inputs: Vec<&Map> = node.inputs.iter().map(|map| maps[*map].as_ref().unwrap()).collect();
    let input = inputs[0];
    let at = |y, x, channel| input.at(y, x, channel);
    match &node.operation {
        Operation::Convolution(convolution) => {
            let weights = convolution.weights.floats().unwrap();
            Map::new(size, |y, x, channel| convolve(convolution, &weights, input, [y, x], channel))
        }
        Operation::Clip([low, high]) => Map::new(size, |y, x, channel| {
            let value = at(y, x, channel);
            let value = if value > *low { value } else { *low };
            if value < *high { value } else { *high }
        }),
        Operation::Add => Map::new(size, |y, x, channel| at(y, x, channel) + inputs[1].at(y, x, channel)),
        Operation::PadChannels => {
            Map::new(size, |y, x, channel| if channel < input.size.channels { at(y, x, channel) } else { 0.0 })
        }
        Operation::Pool => Map::new(size, |y, x, channel| {
            let others = [(0, 1), (1, 0), (1, 1)].map(|(dy, dx)| at(2 * y + dy, 2 * x + dx, channel));
            let first = at(2 * y, 2 * x, channel);
            others.into_iter().fold(first, |most, other| if other > most { other } else { most })
        }),
        Operation::Resize => Map::new(size, |y, x, channel| resize(input, size, [y, x], channel)),
        Operation::Sigmoid => Map::new(size, |y, x, channel| sigmoid(at(y, x, channel))),
        Operation::DepthToSpace => {
            Map::new(size, |y, x, channel| at(y / 2, x / 2, (y % 2 * 2 + x % 2) * size.channels + channel))
        }
    }
}

fn convolve(convolution: &Convolution, weights: &[f32], input: &Map, [y, x]: [usize; 2], output: usize) -> f32 {
    let [rows, columns] = convolution.kernel;
    let [top, left] = convolution.before.map(|before| before as isize);
    let first_row = (y * convolution.stride) as isize - top;
    let first_column = (x * convolution.stride) as isize - left;
    let is_dense = convolution.kind == Kind::Dense;
    let inputs = if is_dense { input.size.channels } else { 1 };
    let mut sum = convolution.bias[output];
    for ky in 0..rows {
        for kx in 0..columns {
            for channel in 0..inputs {
                let weight = weights[((output * inputs + channel) * rows + ky) * columns + kx];
                let channel = if is_dense { channel } else { output };
                let value = input.around(first_row + ky as isize, first_column + kx as isize, channel);
                // Rows outside are left out of depthwise sums, and zeros in dense ones.
                if let Some(value) = value.or(is_dense.then_some(0.0)) {
                    sum = value.mul_add(weight, sum);
                }
            }
        }
    }
    sum
}

fn resize(input: &Map, size: Size, place: [usize; 2], channel: usize) -> f32 {
    let sides = [[input.size.height, size.height], [input.size.width, size.width]];
    let [(upper, lower, down), (left, right, along)] = std::array::from_fn(|axis| {
        let [from, to] = sides[axis];
        let center = ((place[axis] as f32 + 0.5) * (from as f32 / to as f32) - 0.5).clamp(0.0, (from - 1) as f32);
        let first = center.floor();
        (first as usize, (first as usize + 1).min(from - 1), center - first)
    });
    let row = |y| {
        let (first, second) = (input.at(y, left, channel), input.at(y, right, channel));
        (second - first).mul_add(along, first)
    };
    (row(lower) - row(upper)).mul_add(down, row(upper))
}
