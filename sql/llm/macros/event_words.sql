-- macro:      event_words
-- what:       the description of an event in words, so that a side fits in front: left `foot contact`
-- parameters: kind: the kind of event
-- unit:       text
-- source:     sql/views/events.sql and the sport packs; for a kind that is not listed, the words are its name

CREATE OR REPLACE TEMP MACRO event_words(kind) AS CASE kind
    WHEN 'contact' THEN 'foot contact'
    WHEN 'toe_off' THEN 'toe-off'
    WHEN 'take_off' THEN 'take-off'
    WHEN 'bottom' THEN 'bottom of a squat'
    WHEN 'set_point' THEN 'set point of a shot'
    WHEN 'release' THEN 'release of a shot'
    WHEN 'ball_contact' THEN 'contact with the ball'
    WHEN 'leg_cocking' THEN 'cocking of the leg'
    WHEN 'plant' THEN 'plant of the foot'
    WHEN 'top_of_backswing' THEN 'top of the backswing'
    WHEN 'trophy' THEN 'trophy position'
    ELSE trim(regexp_replace(replace(kind, '_', ' '), ' *[0-9]+ *', ' ', 'g'))
END;

-- macro:      event_plural
-- what:       the description of several events in words: `foot contacts`, `bottoms of squats`
-- parameters: kind: the kind of event
-- unit:       text
-- source:     event_words

CREATE OR REPLACE TEMP MACRO event_plural(kind) AS CASE kind
    WHEN 'bottom' THEN 'bottoms of squats'
    WHEN 'set_point' THEN 'set points of shots'
    WHEN 'release' THEN 'releases of shots'
    WHEN 'ball_contact' THEN 'contacts with the ball'
    WHEN 'leg_cocking' THEN 'cockings of the leg'
    WHEN 'plant' THEN 'plants of the foot'
    WHEN 'top_of_backswing' THEN 'tops of the backswing'
    WHEN 'address' THEN 'addresses'
    WHEN 'finish' THEN 'finishes'
    ELSE event_words(kind) || 's'
END;
