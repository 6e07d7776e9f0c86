//! Ids of videos and runs. They begin with a letter that no number has, so that every reader takes them for text: many guess the types of
//! folders such as `run_id=98e7654321012345`, and some read that one as a number that is infinite. Pure.

/// The letter of videos.
const VIDEO: char = 'v';
/// The letter of runs.
const RUN: char = 'r';

/// The id of a video, from the first 32 hexadecimal digits of a hash of its content.
#[must_use]
pub fn video_id(digits: &str) -> String {
    format!("{VIDEO}{digits}")
}

/// The id of a run, from hexadecimal digits of its fingerprint.
#[must_use]
pub fn run_id(digits: &str) -> String {
    format!("{RUN}{digits}")
}

/// The id that a video of an older posekit, which had digits alone, has by now; the same if it has a letter.
#[must_use]
pub fn lettered_video(id: &str) -> String {
    if is_older(id) { video_id(id) } else { id.to_owned() }
}

/// The same of a run.
#[must_use]
pub fn lettered_run(id: &str) -> String {
    if is_older(id) { run_id(id) } else { id.to_owned() }
}

/// Whether an id is of an older posekit: hexadecimal digits, and perhaps the number of a repetition.
pub(super) fn is_older(id: &str) -> bool {
    let digits = id.split('-').next().unwrap_or_default();
    digits.len() >= 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_ids_get_letters_and_newer_ones_keep_theirs() {
        let (video, run) = (lettered_video("98e76543210123459999999999999999"), lettered_run("98e7654321012345-2"));
        assert_eq!([video.as_str(), run.as_str()], ["v98e76543210123459999999999999999", "r98e7654321012345-2"]);
        assert_eq!([lettered_video(&video), lettered_run(&run)], [video, run]);
    }

    #[test]
    fn no_id_is_a_number() {
        for digits in ["98e7654321012345", "0000000000000000", "1234567890123456"] {
            assert!([video_id(digits), run_id(digits)].iter().all(|id| id.parse::<f64>().is_err()));
        }
        assert!("98e7654321012345".parse::<f64>().is_ok(), "as this was");
    }
}
