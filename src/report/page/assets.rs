//! The style sheets and scripts of pages, which are copied into `assets/` of the report.

/// All files of `assets/`: name and content. Style sheets and scripts are in the order in which pages load them.
pub(crate) const ASSETS: &[(&str, &[u8])] = &[
    ("uPlot.min.css", include_bytes!("assets/vendor/uPlot.min.css")),
    ("report.css", include_bytes!("assets/report.css")),
    ("charts.css", include_bytes!("assets/charts.css")),
    ("uPlot.iife.min.js", include_bytes!("assets/vendor/uPlot.iife.min.js")),
    ("common.js", include_bytes!("assets/common.js")),
    ("theme.js", include_bytes!("assets/theme.js")),
    ("tables.js", include_bytes!("assets/tables.js")),
    ("clock.js", include_bytes!("assets/clock.js")),
    ("choice.js", include_bytes!("assets/choice.js")),
    ("charts.js", include_bytes!("assets/charts.js")),
    ("cycles.js", include_bytes!("assets/cycles.js")),
    ("timeline.js", include_bytes!("assets/timeline.js")),
    ("start.js", include_bytes!("assets/start.js")),
    ("uPlot.LICENSE.txt", include_bytes!("assets/vendor/LICENSE")),
];

/// Returns the names of the assets with this extension, in the order in which pages load them.
pub(super) fn names(extension: &str) -> Vec<&'static str> {
    ASSETS.iter().map(|(name, _)| *name).filter(|name| name.ends_with(extension)).collect()
}

/// Returns all assets with this extension as one text, for a page that contains everything.
pub(super) fn joined(extension: &str) -> String {
    let files = ASSETS.iter().filter(|(name, _)| name.ends_with(extension));
    files.map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets_can_stand_inside_a_page() {
        let (styles, scripts) = (joined(".css").to_lowercase(), joined(".js").to_lowercase());
        assert!(!styles.contains("</style") && !styles.contains("url(") && !styles.contains("@import"));
        assert!(!scripts.contains("</script") && !scripts.contains("<!--") && !scripts.contains("fetch("));
    }
}
