//! A plain evaluation of graphs, for tests: one node after the other, one value at a time.

use super::graph::{Convolution, Graph, INPUT, Kind, MapId, Node, Operation, Size};
use super::sigmoid::sigmoid;

/// How 1x1 convolutions of a map other than the network's input are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    /// In products of 32 bits.
    Whole,
    /// In products of bf16.
    Split,
}

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
pub(super) fn evaluate(graph: &Graph, input: &[f32], arithmetic: Arithmetic) -> Vec<Vec<f32>> {
    let mut maps: Vec<Option<Map>> = graph.sizes.iter().map(|_| None).collect();
    maps[0] = Some(Map { size: graph.sizes[0], values: input.to_vec() });
    for node in &graph.nodes {
        maps[node.output] = Some(compute(graph, node, &maps, arithmetic));
    }
    let values = |map: &MapId| maps[*map].as_ref().unwrap().values.clone();
    graph.outputs.iter().map(|output| output.iter().flat_map(values).collect()).collect()
}

fn compute(graph: &Graph, node: &Node, maps: &[Option<Map>], arithmetic: Arithmetic) -> Map {
    let size = graph.sizes[node.output];
    let inputs: Vec<&Map> = node.inputs.iter().map(|map| maps[*map].as_ref().unwrap()).collect();
    let input = inputs[0];
    let at = |y, x, channel| input.at(y, x, channel);
    match &node.operation {
        Operation::Convolution(convolution) => {
            let weights = convolution.weights.floats().unwrap();
            if arithmetic == Arithmetic::Split && convolution.is_pointwise() && node.inputs[0] != INPUT {
                let inputs = input.size.channels;
                return Map::new(size, |y, x, channel| {
                    let values = &input.values[(y * input.size.width + x) * inputs..][..inputs];
                    split_sum(convolution.bias[channel], values, &weights[channel * inputs..][..inputs])
                });
            }
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

/// A number as two of bf16, each rounded to the nearest, which have the upper 16 bits of a number of 32.
fn halves(value: f32) -> [f32; 2] {
    let rounded = |value: f32| {
        let bits = u64::from(value.to_bits());
        let is_up = bits & 0xffff > 0x8000 || bits & 0x1_ffff == 0x1_8000;
        let upper = (bits >> 16) + u64::from(is_up && !value.is_nan());
        f32::from_bits((upper as u32) << 16)
    };
    let high = if value.is_nan() { f32::NAN } else { rounded(value) };
    [high, if high.is_finite() { rounded(value - high) } else { 0.0 }]
}

/// Zero in place of a denormal number.
fn normal(value: f32) -> f32 {
    if value == 0.0 || value.abs() >= f32::MIN_POSITIVE || value.is_nan() { value } else { value * 0.0 }
}

/// `sum` with the products of values and weights, 32 at a time: high with low parts, high with high, low with high.
fn split_sum(mut sum: f32, values: &[f32], weights: &[f32]) -> f32 {
    for (values, weights) in values.chunks(32).zip(weights.chunks(32)) {
        for [of_value, of_weight] in [[0, 1], [0, 0], [1, 0]] {
            let mut parts = [0.0f32; 2];
            for (index, (value, weight)) in values.iter().zip(weights).enumerate() {
                let [a, b] = [halves(*value)[of_value], halves(*weight)[of_weight]].map(normal);
                parts[index % 2] = normal(a.mul_add(b, parts[index % 2]));
            }
            sum = normal(normal(sum) + normal(parts[0] + parts[1]));
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
