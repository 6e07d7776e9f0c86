-- phases: swing
-- what:   backswing (address to top), downswing (top to impact), follow_through (impact to finish) of each swing
-- grain:  video_id, person_id, attempt, phase
-- unit:   seconds, frames
-- needs:  events
-- source: each phase lasts from one event of this pack to another. The first event of each kind belongs to the first
--         attempt, the second one to the second attempt, and so on: the events of an attempt are found all together or
--         not at all

FROM phases_between([
    {'phase': 'backswing', 'from_kind': 'address', 'to_kind': 'top_of_backswing'},
    {'phase': 'downswing', 'from_kind': 'top_of_backswing', 'to_kind': 'impact'},
    {'phase': 'follow_through', 'from_kind': 'impact', 'to_kind': 'finish'}
])
