-- phases: serve
-- what:   acceleration of each serve: from the trophy position to impact
-- grain:  video_id, person_id, attempt, phase
-- unit:   seconds, frames
-- needs:  events
-- source: each phase lasts from one event of this pack to another. The first event of each kind belongs to the first
--         attempt, the second one to the second attempt, and so on: the events of an attempt are found all together or
--         not at all

FROM phases_between([
    {'phase': 'acceleration', 'from_kind': 'trophy', 'to_kind': 'impact'}
])
