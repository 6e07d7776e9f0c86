-- phases: shot
-- what:   lift (dip to set point) and push (set point to release) of each shot
-- grain:  video_id, person_id, attempt, phase
-- unit:   seconds, frames
-- needs:  events
-- source: each phase lasts from one event of this pack to another. The first event of each kind belongs to the first
--         attempt, the second one to the second attempt, and so on: the events of an attempt are found all together or
--         not at all

FROM phases_between([
    {'phase': 'lift', 'from_kind': 'dip', 'to_kind': 'set_point'},
    {'phase': 'push', 'from_kind': 'set_point', 'to_kind': 'release'}
])
