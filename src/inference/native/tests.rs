//! Tests of the whole engine: random blocks and whole networks against the plain evaluation, damaged files.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use proptest::prelude::*;

use super::graph::{Convolution, Graph, Kind, Node, Operation, Size};
use super::onnx::{Model, Tensor, Values};
use super::reference::{Arithmetic, evaluate};
use super::{InstructionSet, NativeError, Network};

const LANDMARKS: [&str; 4] = ["landmarks", "pose_flag", "heatmap", "world_landmarks"];

fn model(file_name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(file_name)).unwrap()
}

fn lite() -> &'static [u8] {
    static LITE: OnceLock<Vec<u8>> = OnceLock::new();
    LITE.get_or_init(|| model("pose_landmark_lite.onnx"))
}

/// Random numbers (`SplitMix64`).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// -1..1.
    fn number(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    fn numbers(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.number()).collect()
    }

    /// Numbers, one in eight of them a special one.
    fn with_specials(&mut self, count: usize) -> Vec<f32> {
        const SPECIAL: [f32; 10] =
            [0.0, -0.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-45, -1e-40, f32::MIN_POSITIVE, f32::MAX, -3e38];
        (0..count)
            .map(|_| if self.next().is_multiple_of(8) { SPECIAL[self.next() as usize % 10] } else { self.number() })
            .collect()
    }
}

/// The bits; all NaN are the same one, for their bits are not specified.
fn bits(outputs: &[Vec<f32>]) -> Vec<Vec<u32>> {
    let bits = |value: &f32| if value.is_nan() { 0x7fc0_0000 } else { value.to_bits() };
    outputs.iter().map(|output| output.iter().map(bits).collect()).collect()
}

fn outputs_of(graph: &Graph, set: InstructionSet, threads: usize, input: &[f32]) -> Vec<Vec<f32>> {
    let network = Network::of_graph(graph.clone(), set).unwrap();
    let mut outputs = vec![Vec::new(); graph.outputs.len()];
    network.run(&mut network.scratch(threads), input, &mut outputs).unwrap();
    outputs
}

/// The sets in products of bf16 that this processor has.
fn split_sets() -> Vec<InstructionSet> {
    [InstructionSet::Amx, InstructionSet::ScalarSplit].into_iter().filter(|set| set.is_available()).collect()
}

/// Builds small graphs.
struct Builder {
    graph: Graph,
    random: Random,
}

impl Builder {
    fn new(size: Size, seed: u64) -> Self {
        let graph = Graph { sizes: vec![size], nodes: Vec::new(), outputs: Vec::new() };
        Self { graph, random: Random(seed) }
    }

    fn add(&mut self, operation: Operation, inputs: &[usize], size: Size) -> usize {
        self.graph.sizes.push(size);
        let output = self.graph.sizes.len() - 1;
        self.graph.nodes.push(Node { operation, inputs: inputs.to_vec(), output, label: format!("node {output}") });
        output
    }

    fn convolve(
        &mut self,
        input: usize,
        kind: Kind,
        channels: usize,
        side: usize,
        stride: usize,
        before: usize,
    ) -> usize {
        let size = self.graph.sizes[input];
        let inputs = if kind == Kind::Dense { size.channels } else { 1 };
        let weights = self.random.numbers(channels * inputs * side * side);
        let convolution = Convolution {
            kind,
            kernel: [side, side],
            stride,
            before: [before, before],
            weights: Arc::new(Tensor { dims: vec![channels, inputs, side, side], values: Values::Floats(weights) }),
            bias: self.random.numbers(channels),
        };
        // As much below and on the right as above and on the left, but at least one place.
        let [height, width] = [size.height, size.width].map(|length| (length + 2 * before).max(side) - side);
        let size = Size { height: height / stride + 1, width: width / stride + 1, channels };
        self.add(Operation::Convolution(convolution), &[input], size)
    }

    fn clip(&mut self, input: usize) -> usize {
        self.add(Operation::Clip([0.0, 6.0]), &[input], self.graph.sizes[input])
    }

    fn check(mut self, outputs: &[usize]) -> Result<(), TestCaseError> {
        self.graph.outputs = outputs.iter().map(|output| vec![*output]).collect();
        let input = self.random.with_specials(self.graph.sizes[0].values());
        for (arithmetic, sets) in [(Arithmetic::Whole, InstructionSet::available()), (Arithmetic::Split, split_sets())]
        {
            let expected = bits(&evaluate(&self.graph, &input, arithmetic));
            for set in &sets {
                prop_assert_eq!(&bits(&outputs_of(&self.graph, *set, 1, &input)), &expected, "{}", set);
            }
            for threads in 2..5 {
                let found = bits(&outputs_of(&self.graph, sets[0], threads, &input));
                prop_assert_eq!(&found, &expected, "{} threads, {}", threads, sets[0]);
            }
        }
        Ok(())
    }
}

proptest! {
    // Fewer if `PROPTEST_CASES` says so: `benches/emulator` is slow.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.min(48), ..ProptestConfig::default() })]

    #[test]
    fn blocks_are_what_their_layers_are(
        (height, width, seed) in (1usize..26, 1usize..40, any::<u64>()),
        (narrow, wide, out) in (1usize..40, 1usize..70, 1usize..60),
        (side, stride, before) in (prop_oneof![Just(3usize), Just(5)], 1usize..3, 0usize..3),
        (clips, adds, expands, projects) in (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()),
    ) {
        prop_assume!(height + 2 * before >= side && width + 2 * before >= side);
        let mut builder = Builder::new(Size { height: height * 2, width: width * 2, channels: 3 }, seed);
        let first = builder.convolve(0, Kind::Dense, narrow, 3, 2, 1);
        let mut map = first;
        if expands {
            map = builder.convolve(map, Kind::Dense, wide, 1, 1, 0);
            if clips { map = builder.clip(map); }
        }
        let channels = builder.graph.sizes[map].channels;
        map = builder.convolve(map, Kind::Depthwise, channels, side, stride, before);
        if clips { map = builder.clip(map); }
        if projects {
            map = builder.convolve(map, Kind::Dense, if adds { narrow } else { out }, 1, 1, 0);
            if adds && builder.graph.sizes[map] == builder.graph.sizes[first] {
                map = builder.add(Operation::Add, &[map, first], builder.graph.sizes[map]);
            }
            if clips { map = builder.clip(map); }
        }
        let outputs = if adds { vec![map, first] } else { vec![map] };
        builder.check(&outputs)?;
    }

    #[test]
    fn other_operations_are_what_they_are_alone(
        (height, width, channels, seed) in (1usize..9, 1usize..20, 1usize..50, any::<u64>()),
        (rows, columns) in (0usize..9, 0usize..20),
    ) {
        let mut builder = Builder::new(Size { height: height * 2, width: width * 2, channels: 5 }, seed);
        let first = builder.convolve(0, Kind::Dense, channels * 4, 1, 1, 0);
        let size = builder.graph.sizes[first];
        let enlarged = Size { height: size.height + rows, width: size.width + columns, channels: size.channels };
        let resized = builder.add(Operation::Resize, &[first], enlarged);
        let other = builder.convolve(resized, Kind::Dense, size.channels, 1, 1, 0);
        let sum = builder.add(Operation::Add, &[resized, other], enlarged);
        let clipped = builder.clip(sum);
        let twice = builder.add(Operation::Add, &[clipped, other], enlarged);
        let half = Size { height: size.height / 2, width: size.width / 2, ..size };
        let pooled = builder.add(Operation::Pool, &[first], half);
        let deep = Size { height: size.height * 2, width: size.width * 2, channels };
        let deep = builder.add(Operation::DepthToSpace, &[first], deep);
        let flag = builder.convolve(pooled, Kind::Dense, 3, 1, 2, 0);
        let flag = builder.add(Operation::Sigmoid, &[flag], builder.graph.sizes[flag]);
        builder.check(&[twice, pooled, deep, flag, clipped])?;
    }

    #[test]
    fn padded_channels_are_zeros(
        (side, planes, added, seed) in (1usize..9, 1usize..3, 1usize..40, any::<u64>()),
    ) {
        let mut builder = Builder::new(Size { height: side, width: side, channels: 3 }, seed);
        let first = builder.convolve(0, Kind::Dense, planes * 16, 1, 1, 0);
        let size = Size { channels: planes * 16 + added, ..builder.graph.sizes[first] };
        let padded = builder.add(Operation::PadChannels, &[first], size);
        let other = builder.convolve(first, Kind::Dense, size.channels, 1, 1, 0);
        let sum = builder.add(Operation::Add, &[padded, other], size);
        let sum = builder.clip(sum);
        builder.check(&[sum])?;
    }

    #[test]
    fn large_windows_are_dense_sums(
        (height, width, channels, seed) in (1usize..9, 1usize..9, 1usize..40, any::<u64>()),
        (side, stride, before) in (1usize..6, 1usize..3, 0usize..3),
    ) {
        prop_assume!(height >= side && width >= side && before < side);
        let mut builder = Builder::new(Size { height, width, channels: 4 }, seed);
        let first = builder.convolve(0, Kind::Dense, channels, 1, 1, 0);
        let last = builder.convolve(first, Kind::Dense, 7, side, stride, before);
        builder.check(&[last])?;
    }
}

#[test]
fn whole_networks_are_what_their_nodes_are_for_every_instruction_set() {
    let detector = model("pose_detection.onnx");
    for (bytes, names) in [(lite(), &LANDMARKS[..]), (&detector, &["boxes", "scores"])] {
        let graph = Graph::new(&Model::read(bytes).unwrap(), names).unwrap();
        let input: Vec<f32> = Random(7).numbers(graph.sizes[0].values()).iter().map(|value| value.abs()).collect();
        for (arithmetic, sets) in [(Arithmetic::Whole, InstructionSet::available()), (Arithmetic::Split, split_sets())]
        {
            let expected = bits(&evaluate(&graph, &input, arithmetic));
            for set in &sets {
                assert!(bits(&outputs_of(&graph, *set, 1, &input)) == expected, "{set}");
            }
            for threads in 2..5 {
                assert!(
                    bits(&outputs_of(&graph, sets[0], threads, &input)) == expected,
                    "{threads} threads, {}",
                    sets[0]
                );
            }
        }
    }
}

/// Of one machine the tests above see the sets that it has; this one compares machines.
#[test]
fn a_network_has_the_same_bits_on_every_processor() {
    let graph = Graph::new(&Model::read(lite()).unwrap(), &LANDMARKS).unwrap();
    let input: Vec<f32> = Random(7).numbers(graph.sizes[0].values()).iter().map(|value| value.abs()).collect();
    let hash = |set| {
        let outputs = bits(&outputs_of(&graph, set, 1, &input));
        let mix = |hash: u64, bits: &u32| (hash ^ u64::from(*bits)).wrapping_mul(0x0000_0100_0000_01b3);
        outputs.iter().flatten().fold(0xcbf2_9ce4_8422_2325, mix)
    };
    let found = [hash(InstructionSet::best()), hash(split_sets()[0])];
    assert_eq!(found, [0x6824_4512_70a2_aaaa, 0x84b5_4e61_db5b_0783], "{found:x?}");
}

#[test]
fn outputs_come_in_the_order_of_the_names_and_others_are_not_computed() {
    let all = Network::read(lite(), &LANDMARKS, InstructionSet::best()).unwrap();
    let flag = Network::read(lite(), &["pose_flag"], InstructionSet::best()).unwrap();
    assert_eq!(all.output_lens(), [195, 1, 64 * 64 * 39, 117]);
    assert_eq!((all.input_len(), flag.output_lens()), (256 * 256 * 3, vec![1]));
    assert!(flag.weight_bytes() < all.weight_bytes() && flag.scratch_bytes(1) <= all.scratch_bytes(1));
    let input = vec![0.5; all.input_len()];
    let (mut of_all, mut of_flag) = (vec![Vec::new(); 4], vec![vec![3.0; 9]]);
    all.run(&mut all.scratch(1), &input, &mut of_all).unwrap();
    flag.run(&mut flag.scratch(1), &input, &mut of_flag).unwrap();
    assert_eq!(of_all[1], of_flag[0]);
}

#[test]
fn buffers_of_another_network_are_refused() {
    let network = Network::read(lite(), &LANDMARKS, InstructionSet::best()).unwrap();
    let flag = Network::read(lite(), &["pose_flag"], InstructionSet::best()).unwrap();
    let input = vec![0.0; network.input_len()];
    let mut outputs = vec![Vec::new(); 4];
    let mut scratch = network.scratch(1);
    let is_refused = |result| matches!(result, Err(NativeError::Size { .. }));
    assert!(is_refused(network.run(&mut scratch, &input[1..], &mut outputs)));
    assert!(is_refused(network.run(&mut scratch, &input, &mut outputs[1..])));
    assert!(is_refused(network.run(&mut flag.scratch(1), &input, &mut outputs)));
}

#[test]
fn networks_that_are_not_covered_are_refused_by_name() {
    let read = |bytes: &[u8], names: &[&str]| Network::read(bytes, names, InstructionSet::best()).err();
    let movenet = read(&model("movenet_multipose.onnx"), &["output_0"]).unwrap().to_string();
    assert!(movenet.contains("movenet") || movenet.contains("not cover") || movenet.contains("not know"), "{movenet}");
    assert_eq!(read(lite(), &["hands"]), Some(NativeError::NoSuchValue { name: "hands".to_owned() }));
    let renamed = replaced(lite(), b"Sigmoid", b"Softmax");
    let unknown = read(&renamed, &LANDMARKS).unwrap();
    assert!(matches!(&unknown, NativeError::UnknownOperator { operator, .. } if operator == "Softmax"), "{unknown}");
    // Nothing that is asked for needs the operator.
    assert_eq!(read(&renamed, &["heatmap"]), None);
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let place = bytes.windows(from.len()).position(|window| window == from).unwrap();
    let mut bytes = bytes.to_vec();
    bytes[place..place + to.len()].copy_from_slice(to);
    bytes
}

#[test]
fn a_file_cut_short_is_refused() {
    let bytes = lite();
    let mut random = Random(3);
    let places = (0..200).chain((0..40).map(|_| random.next() as usize % bytes.len()));
    for len in places {
        assert!(Network::read(&bytes[..len], &LANDMARKS, InstructionSet::best()).is_err(), "{len}");
    }
}

/// Damage may go unnoticed (a weight changes), but it never leads to a panic or out of a buffer.
#[test]
fn a_damaged_file_is_refused_or_runs() {
    let mut random = Random(11);
    let mut bytes = lite().to_vec();
    let (mut refused, mut ran) = (0, 0);
    for round in 0..600 {
        // Most of the damage in the nodes at the beginning of the file.
        let place = random.next() as usize % if round % 10 == 0 { bytes.len() } else { 40_000 };
        let sound = bytes[place];
        bytes[place] ^= 1 << (random.next() % 8);
        match Network::read(&bytes, &LANDMARKS, InstructionSet::best()) {
            Err(_) => refused += 1,
            Ok(network) => {
                let input = vec![0.5; network.input_len()];
                let result = network.run(&mut network.scratch(1), &input, &mut vec![Vec::new(); 4]);
                assert!(result.is_ok(), "round {round}, byte {place}: {result:?}");
                ran += 1;
            }
        }
        bytes[place] = sound;
    }
    assert!(refused > 100 && ran > 10, "{refused} refused, {ran} ran");
}
