//! Ids of videos and runs. They begin with a letter that no number contains, so that every reader treats them as text.
//! Many readers guess the types of folders such as `run_id=98e7654321012345`, and some read that one as an infinite
//! number. Pure.

/// The first letter of video ids.
const VIDEO: char = 'v';
/// The first letter of run ids.
const RUN: char = 'r';

/// Returns the id of a video, from the first 32 hexadecimal digits of a hash of its content.
#[must_use]
pub(crate) fn video_id(digits: &str) -> String {
    format!("{VIDEO}{digits}")
}

/// Returns the id of a run, from hexadecimal digits of its fingerprint.
#[must_use]
pub(crate) fn run_id(digits: &str) -> String {
    format!("{RUN}{digits}")
}

/// Returns the present id of a video of an older posekit, whose ids had digits only. An id with a letter is returned
/// unchanged.
#[must_use]
pub(crate) fn lettered_video(id: &str) -> String {
    if is_older(id) { video_id(id) } else { id.to_owned() }
}

/// Returns the same for a run.
#[must_use]
pub(crate) fn lettered_run(id: &str) -> String {
    if is_older(id) { run_id(id) } else { id.to_owned() }
}

/// Returns whether an id is of an older posekit: hexadecimal digits, and possibly the number of a repetition.
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
