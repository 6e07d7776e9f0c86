//! The SQL page. Its files are compiled in.

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::guard::PAGE_POLICY;

/// The files that the page loads from `/sql/assets/`. The chart library is named here and in `sql.html`.
const ASSETS: [Asset; 6] = [
    Asset { name: "sql.css", mime: "text/css; charset=utf-8", content: include_str!("assets/sql.css") },
    Asset { name: "sql.js", mime: "text/javascript; charset=utf-8", content: include_str!("assets/sql.js") },
    Asset { name: "table.js", mime: "text/javascript; charset=utf-8", content: include_str!("assets/table.js") },
    Asset { name: "chart.js", mime: "text/javascript; charset=utf-8", content: include_str!("assets/chart.js") },
    Asset {
        name: "uPlot.css",
        mime: "text/css; charset=utf-8",
        content: include_str!("../report/page/assets/vendor/uPlot.min.css"),
    },
    Asset {
        name: "uPlot.js",
        mime: "text/javascript; charset=utf-8",
        content: include_str!("../report/page/assets/vendor/uPlot.iife.min.js"),
    },
];

const PAGE: Asset =
    Asset { name: "sql.html", mime: "text/html; charset=utf-8", content: include_str!("assets/sql.html") };

#[derive(Clone, Copy)]
struct Asset {
    name: &'static str,
    mime: &'static str,
    content: &'static str,
}

impl IntoResponse for Asset {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(self.mime)),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY)),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        ];
        (headers, self.content).into_response()
    }
}

/// Sends the page.
pub(super) async fn page() -> Response {
    PAGE.into_response()
}

/// Sends a file of the page.
pub(super) async fn asset(Path(name): Path<String>) -> Response {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    asset.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |asset| asset.into_response())
}
