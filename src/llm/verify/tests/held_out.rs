//! More texts in a coach's free style, written after the rules.

use super::{fails, passes};
use crate::llm::verify::Language;

#[test]
fn more_english_texts_pass() {
    passes(
        Language::En,
        &[
            "Great work, Mara! Looking at your gait, the most noticeable thing is that your left stride (1.45 m, 95% interval 1.27–1.64 m) outpaces your right stride (1.40 m, 95% interval 1.21–1.58 m) by about 0.05 m.",
            "Let's talk about your knees. On the left side the joint travels through roughly 63.1 degrees; on the right, it's 60.2 degrees. Given that the intervals (58.0 to 68.2 and 55.1 to 65.3) overlap, I wouldn't call this a real difference.",
            "Your cadence sits at 112 steps per minute. If you'd like to play with it, start small and increase it a little at a time rather than all at once.",
            "Here's the short version: left stride 1.45 m, right stride 1.40 m, cadence 112 steps/min, trunk lean -5.2 degrees.",
            "A trunk lean of -5.2° means that you tend to lean back slightly. Think of a string pulling you up from the crown of your head, one cue that works for most people.",
            "**Stride length**\n\n- Left: **1.45 m** (1.27 to 1.64)\n- Right: **1.40 m** (1.21 to 1.58)\n\n**Takeaway:** the left side takes the longer stride.",
            "Q: So which leg takes the longer step? A: The left one, at 1.45 m. The right comes in at 1.40 m.",
            "While the left stride measures 1.45 m, the right measures only 1.40 m, so there's a gap of 0.05 m between them.",
            "That 1.45 m on the left is a solid number. The 1.40 m on the right is not far behind.",
            "The numbers don't lie: 1.45 m for the left leg, 1.40 m for the right leg. Neither is wrong; they're just different.",
            "In this clip you completed 7 repetitions. Each one looked controlled, and the last ones were as crisp as the first.",
            "Your left knee's range of motion (63.1°) and your right knee's (60.2°) are close, so neither side stands out.",
            "Because your right stride is a touch shorter than your left (1.40 m vs. 1.45 m), you may feel as if you drift to one side.",
            "It looks like your left leg does slightly more of the work: a stride of 1.45 m compared to 1.40 m on the right.",
            "The left-right difference in stride length is 0.05 m, and its interval of 0.03 to 0.07 m does not include zero.",
            "I can't tell from the data whether your right ankle or left ankle is stiffer, but your right and left strides, at 1.40 m and 1.45 m, tell a clear story.",
            "With a 95% confidence interval of 109 to 115 steps per minute, your cadence of 112 is well pinned down.",
            "Overall your left side is ahead: its stride is 1.45 m long, which is 0.05 m more than the right side's 1.40 m.",
            "Is the left knee moving more than the right? Not really. 63.1° against 60.2° is within the margin of uncertainty.",
            "From 1.40 m on the right to 1.45 m on the left: that's your range.",
            "The best estimate is 1.45 m for the left stride, though anything from 1.27 to 1.64 m is plausible.",
            "Since your stride is longer on the left, spend some more of your warm-up on the right hip.",
            "Your trunk leans -5.2 degrees, i.e. between -7.1 and -3.4 degrees.",
            "Stride length differs: the left one is longer at 1.45 m, the right one shorter at 1.40 m.",
        ],
    );
}

#[test]
fn more_german_texts_pass() {
    passes(
        Language::De,
        &[
            "Super gemacht, Mara! Am auffälligsten ist, dass dein linker Schritt (1,45 m, 95-%-Intervall 1,27–1,64 m) etwas länger ausfällt als dein rechter (1,40 m, 95-%-Intervall 1,21–1,58 m).",
            "Schauen wir auf die Knie: Links bewegt sich das Gelenk über 63,1 Grad, rechts über 60,2 Grad. Da sich die Intervalle überschneiden, ist das kein echter Unterschied.",
            "Deine Kadenz liegt bei 112 Schritten pro Minute. Wenn du sie steigern willst, dann bitte nach und nach und nicht auf einen Schlag.",
            "Kurz gesagt: Schrittlänge links 1,45 m, rechts 1,40 m, Kadenz 112 Schritte pro Minute, Rumpfneigung -5,2 Grad.",
            "Eine Rumpfneigung von -5,2° bedeutet, dass du dich leicht zurücklehnst. Stell dir vor, ein Faden zieht dich nach oben.",
            "**Schrittlänge**\n\n- Links: **1,45 m** (1,27 bis 1,64)\n- Rechts: **1,40 m** (1,21 bis 1,58)\n\n**Fazit:** Links ist der Schritt länger.",
            "Während der linke Schritt 1,45 m misst, kommt der rechte nur auf 1,40 m. Dazwischen liegen 0,05 m.",
            "Die 1,45 m auf der linken Seite sind ein guter Wert, und auch die 1,40 m auf der rechten Seite können sich sehen lassen.",
            "In diesem Video hast du 7 Wiederholungen geschafft, eine sauberer als die andere.",
            "Der Bewegungsumfang deines linken Knies (63,1°) und der deines rechten Knies (60,2°) liegen nah beieinander.",
            "Weil dein rechter Schritt etwas kürzer ist als dein linker (1,40 m zu 1,45 m), ziehst du womöglich leicht zur Seite.",
            "Der Unterschied zwischen links und rechts beträgt bei der Schrittlänge 0,05 m, mit einem Intervall von 0,03 bis 0,07 m.",
            "Mit einem 95-%-Konfidenzintervall von 109 bis 115 Schritten pro Minute ist deine Kadenz von 112 gut abgesichert.",
            "Ob sich das linke Knie stärker bewegt als das rechte, lässt sich nicht sicher sagen: 63,1° gegenüber 60,2°.",
            "Links sind es 0,05 m mehr als rechts, nämlich 1,45 m statt 1,40 m.",
            "Dein Schritt ist links länger, und zwar 1,45 m. Rechts bleibt er mit 1,40 m kürzer.",
        ],
    );
}

#[test]
fn more_french_texts_pass() {
    passes(
        Language::Fr,
        &[
            "Bravo, Mara ! Ce qui saute aux yeux, c'est que ta foulée gauche (1,45 m, intervalle à 95 % : 1,27–1,64 m) est un peu plus longue que ta foulée droite (1,40 m, intervalle à 95 % : 1,21–1,58 m).",
            "Parlons de tes genoux : à gauche, l'articulation parcourt 63,1 degrés ; à droite, 60,2 degrés. Comme les intervalles se chevauchent, ce n'est pas un vrai écart.",
            "Ta cadence est de 112 pas par minute. Si tu veux l'augmenter, fais-le petit à petit, et non d'un seul coup.",
            "En bref : foulée gauche 1,45 m, foulée droite 1,40 m, cadence 112 pas/min, inclinaison du tronc -5,2 degrés.",
            "**Longueur de foulée**\n\n- Gauche : **1,45 m** (1,27 à 1,64)\n- Droite : **1,40 m** (1,21 à 1,58)",
            "Alors que la foulée gauche mesure 1,45 m, la droite n'atteint que 1,40 m, soit un écart de 0,05 m.",
            "Les 1,45 m à gauche sont une belle valeur, et les 1,40 m à droite ne sont pas loin derrière.",
            "Dans cette vidéo, tu as fait 7 répétitions, toutes bien contrôlées.",
            "L'amplitude du genou gauche (63,1°) et celle du genou droit (60,2°) sont proches.",
            "Comme ta foulée droite est légèrement plus courte que la gauche (1,40 m contre 1,45 m), tu peux avoir l'impression de dévier.",
            "La différence entre la gauche et la droite est de 0,05 m pour la foulée, avec un intervalle de 0,03 à 0,07 m.",
            "On ne peut pas dire si le genou gauche bouge plus que le droit : 63,1° contre 60,2°, c'est dans la marge d'incertitude.",
            "À gauche, la foulée est plus longue de 0,05 m : 1,45 m au lieu de 1,40 m à droite.",
            "Avec un intervalle de confiance à 95 % de 109 à 115 pas par minute, ta cadence de 112 est bien établie.",
        ],
    );
}

#[test]
fn more_spanish_texts_pass() {
    passes(
        Language::Es,
        &[
            "¡Muy bien, Mara! Lo que más llama la atención es que tu zancada izquierda (1,45 m, intervalo del 95 %: 1,27–1,64 m) es algo más larga que la derecha (1,40 m, intervalo del 95 %: 1,21–1,58 m).",
            "Hablemos de tus rodillas: en la izquierda la articulación recorre 63,1 grados; en la derecha, 60,2 grados. Como los intervalos se solapan, no es una diferencia real.",
            "Tu cadencia es de 112 pasos por minuto. Si quieres aumentarla, hazlo poco a poco y no de golpe.",
            "En resumen: zancada izquierda 1,45 m, zancada derecha 1,40 m, cadencia 112 pasos/min, inclinación del tronco -5,2 grados.",
            "**Longitud de zancada**\n\n- Izquierda: **1,45 m** (1,27 a 1,64)\n- Derecha: **1,40 m** (1,21 a 1,58)",
            "Mientras que la zancada izquierda mide 1,45 m, la derecha solo llega a 1,40 m, es decir, 0,05 m de diferencia.",
            "Los 1,45 m de la izquierda son un buen valor, y los 1,40 m de la derecha no se quedan muy atrás.",
            "En este vídeo hiciste 7 repeticiones, todas bien controladas.",
            "El rango de movimiento de la rodilla izquierda (63,1°) y el de la derecha (60,2°) son parecidos.",
            "Como tu zancada derecha es ligeramente más corta que la izquierda (1,40 m frente a 1,45 m), puede que te desvíes un poco.",
            "La diferencia entre la izquierda y la derecha es de 0,05 m en la zancada, con un intervalo de 0,03 a 0,07 m.",
            "No se puede decir que la rodilla izquierda se mueva más que la derecha: 63,1° frente a 60,2°.",
            "En la izquierda la zancada es 0,05 m más larga: 1,45 m en lugar de los 1,40 m de la derecha.",
            "Con un intervalo de confianza del 95 % de 109 a 115 pasos por minuto, tu cadencia de 112 está bien establecida.",
        ],
    );
}

#[test]
fn more_near_misses_fail() {
    fails(
        Language::En,
        &[
            "Your left stride (1.40 m, 95% interval 1.27–1.64 m) outpaces your right stride (1.45 m, 95% interval 1.21–1.58 m).",
            "While the right stride measures 1.45 m, the left measures only 1.40 m.",
            "The numbers don't lie: 1.40 m for the left leg, 1.45 m for the right leg.",
            "**Takeaway:** the right side takes the longer stride.",
            "So which leg takes the longer step? The right one, at 1.45 m.",
            "Because your left stride is a touch shorter than your right (1.45 m vs. 1.40 m), you may drift.",
            "The left-right difference in stride length is 0.06 m.",
            "Your left knee (60.2°) and your right knee (63.1°) are close.",
            "From 1.45 m on the right to 1.40 m on the left: that's your range.",
            "With a 90% confidence interval of 109 to 115 steps per minute, your cadence is well pinned down.",
            "Your cadence is 112 strides per second.",
            "The left ankle travels through roughly 63.1 degrees.",
            "Overall your left side is ahead: its stride is 1.45 m long, which is 0.05 m less than the right side's 1.40 m.",
            "Spend two minutes on your warm-up.",
            "In this clip you completed eight repetitions.",
            "The right one is longer at 1.40 m, the left one shorter at 1.45 m.",
        ],
    );
    fails(
        Language::De,
        &[
            "Während der rechte Schritt 1,45 m misst, kommt der linke nur auf 1,40 m.",
            "Rechts sind es 0,05 m mehr als links, nämlich 1,45 m statt 1,40 m.",
            "Der Bewegungsumfang deines linken Knies (60,2°) und der deines rechten Knies (63,1°) liegen nah beieinander.",
            "**Fazit:** Rechts ist der Schritt länger.",
            "Die 1,40 m auf der linken Seite sind ein guter Wert, und auch die 1,45 m auf der rechten Seite.",
            "Dein Rumpf neigt sich um fünf Grad.",
        ],
    );
    fails(
        Language::Fr,
        &[
            "Alors que la foulée droite mesure 1,45 m, la gauche n'atteint que 1,40 m.",
            "L'amplitude du genou gauche (60,2°) et celle du genou droit (63,1°) sont proches.",
            "À droite, la foulée est plus longue de 0,05 m : 1,45 m au lieu de 1,40 m à gauche.",
            "Les 1,40 m à gauche sont une belle valeur, et les 1,45 m à droite aussi.",
            "Tu as fait huit répétitions.",
        ],
    );
    fails(
        Language::Es,
        &[
            "Mientras que la zancada derecha mide 1,45 m, la izquierda solo llega a 1,40 m.",
            "El rango de movimiento de la rodilla izquierda (60,2°) y el de la derecha (63,1°) son parecidos.",
            "En la derecha la zancada es 0,05 m más larga: 1,45 m en lugar de los 1,40 m de la izquierda.",
            "Los 1,40 m de la izquierda son un buen valor, y los 1,45 m de la derecha también.",
            "Hiciste ocho repeticiones.",
        ],
    );
}

#[test]
fn still_more_english_texts_pass() {
    passes(
        Language::En,
        &[
            "Two numbers sum it up: your left stride spans 1.45 m and your right stride 1.40 m.",
            "If I had to pick one thing to change, it would be the right stride, which at 1.40 m trails the left by 0.05 m.",
            "Measured over the whole clip, your cadence averaged 112 steps per minute (95 % interval: 109 to 115 steps per minute).",
            "The left knee opened through 63.1°; for the right knee we got 60.2°. Statistically they're indistinguishable.",
            "You might wonder whether your left knee bends more than the right. It doesn't, at least not clearly.",
            "Nice job keeping an even rhythm! At 112 steps a minute you're neither rushing nor dragging.",
            "For the right leg: stride length 1.40 m (1.21 to 1.58 m), knee range of motion 60.2° (55.1 to 65.3°). For the left leg: stride length 1.45 m (1.27 to 1.64 m), knee range of motion 63.1° (58.0 to 68.2°).",
            "There's one caveat: the trunk lean of -5.2 degrees comes with an interval of -7.1 to -3.4 degrees.",
            "Your right foot lands a little earlier in the frame, but that tells us nothing about your stride.",
            "A left stride of 1.45 m and a right stride of 1.40 m add up to a pretty balanced gait; the half-squat you did before doesn't count.",
            "It's the left side that covers more ground, 1.45 m per stride as opposed to 1.40 m.",
            "With the left foot leading you cover 1.45 m, with the right foot leading 1.40 m.",
            "The knee moved 63.1° left, 60.2° right, which tells me both legs are doing their job.",
            "Stride length, left: 1.45 m. Stride length, right: 1.40 m. Knee, left: 63.1°. Knee, right: 60.2°.",
            "Your left hip and right hip were not measured here, so I'll stick to the strides: 1.45 m and 1.40 m.",
            "You left a good impression in these seven repetitions, and there's nothing left to fix right now.",
            "A good next step would be single-leg work on the right, since its stride is shorter than the left one.",
            "The stride of your left leg is 0.05 m longer than that of your right leg.",
            "We found 1.40 m on the right. The left is longer.",
            "Your trunk leaned back by -5.2 degrees on average, which at a cadence of 112 steps per minute is typical.",
        ],
    );
}

#[test]
fn still_more_german_texts_pass() {
    passes(
        Language::De,
        &[
            "Zwei Zahlen bringen es auf den Punkt: Dein linker Schritt misst 1,45 m, dein rechter 1,40 m.",
            "Wenn ich eins ändern dürfte, dann den rechten Schritt, der mit 1,40 m um 0,05 m hinter dem linken zurückbleibt.",
            "Über das ganze Video gemittelt lag deine Kadenz bei 112 Schritten pro Minute (95-%-Intervall: 109 bis 115 Schritte pro Minute).",
            "Das linke Knie öffnet sich um 63,1°; beim rechten sind es 60,2°. Statistisch lassen sie sich nicht unterscheiden.",
            "Für das rechte Bein: Schrittlänge 1,40 m (1,21 bis 1,58 m), Bewegungsumfang des Knies 60,2° (55,1 bis 65,3°). Für das linke Bein: Schrittlänge 1,45 m (1,27 bis 1,64 m), Bewegungsumfang des Knies 63,1° (58,0 bis 68,2°).",
            "Bei 112 Schritten in der Minute bist du weder hektisch noch träge. Halte das Becken ruhig, Schritt für Schritt.",
            "Es ist die linke Seite, die mehr Weg macht: 1,45 m pro Schritt gegenüber 1,40 m auf der rechten.",
            "Das Knie bewegt sich links um 63,1° und rechts um 60,2°, beide Beine machen also ihre Arbeit.",
            "Dein linkes Knie (63,1°) bewegt sich nicht eindeutig mehr als dein rechtes (60,2°).",
            "Der Schritt deines linken Beins ist 0,05 m länger als der deines rechten Beins.",
            "Rechts haben wir 1,40 m gemessen. Links ist der Schritt länger.",
            "Der Rumpf neigt sich im Mittel um -5,2 Grad; die Unsicherheit reicht von -7,1 bis -3,4 Grad.",
            "Schrittlänge links: 1,45 m. Schrittlänge rechts: 1,40 m. Knie links: 63,1°. Knie rechts: 60,2°.",
            "In diesen sieben Wiederholungen hast du einen guten Eindruck hinterlassen; links liegen lassen musst du nichts.",
        ],
    );
}

#[test]
fn still_more_french_texts_pass() {
    passes(
        Language::Fr,
        &[
            "Deux chiffres résument tout : ta foulée gauche mesure 1,45 m et ta foulée droite 1,40 m.",
            "Si je devais changer une chose, ce serait la foulée droite, qui avec 1,40 m reste 0,05 m derrière la gauche.",
            "Sur toute la vidéo, ta cadence est en moyenne de 112 pas par minute (intervalle à 95 % : 109 à 115 pas par minute).",
            "Le genou gauche s'ouvre de 63,1° ; pour le genou droit, c'est 60,2°. Statistiquement, on ne peut pas les distinguer.",
            "Pour la jambe droite : longueur de foulée 1,40 m (1,21 à 1,58 m), amplitude du genou 60,2° (55,1 à 65,3°). Pour la jambe gauche : longueur de foulée 1,45 m (1,27 à 1,64 m), amplitude du genou 63,1° (58,0 à 68,2°).",
            "À 112 pas par minute, tu n'es ni pressée ni lente. Garde le bassin stable, un pas après l'autre.",
            "C'est le côté gauche qui couvre le plus de distance : 1,45 m par foulée contre 1,40 m à droite.",
            "Le genou bouge de 63,1° à gauche et de 60,2° à droite ; les deux jambes font donc leur travail.",
            "Ton genou gauche (63,1°) ne bouge pas nettement plus que ton genou droit (60,2°).",
            "La foulée de ta jambe gauche est plus longue de 0,05 m que celle de ta jambe droite.",
            "À droite, nous avons mesuré 1,40 m. À gauche, la foulée est plus longue.",
            "Ce qui frappe le plus, c'est que la foulée gauche atteint 1,45 m.",
            "Le tronc s'incline en moyenne de -5,2 degrés, entre -7,1 et -3,4 degrés.",
        ],
    );
}

#[test]
fn still_more_spanish_texts_pass() {
    passes(
        Language::Es,
        &[
            "Dos cifras lo resumen todo: tu zancada izquierda mide 1,45 m y tu zancada derecha 1,40 m.",
            "Si tuviera que cambiar una cosa, sería la zancada derecha, que con 1,40 m queda 0,05 m por detrás de la izquierda.",
            "En todo el vídeo tu cadencia fue de 112 pasos por minuto de media (intervalo del 95 %: 109 a 115 pasos por minuto).",
            "La rodilla izquierda se abre 63,1°; para la derecha son 60,2°. Estadísticamente no se distinguen.",
            "Para la pierna derecha: longitud de zancada 1,40 m (1,21 a 1,58 m), rango de movimiento de la rodilla 60,2° (55,1 a 65,3°). Para la pierna izquierda: longitud de zancada 1,45 m (1,27 a 1,64 m), rango de movimiento de la rodilla 63,1° (58,0 a 68,2°).",
            "Con 112 pasos por minuto no vas ni rápida ni lenta. Mantén la pelvis estable, paso a paso.",
            "Es el lado izquierdo el que cubre más distancia: 1,45 m por zancada frente a 1,40 m en el derecho.",
            "La rodilla se mueve 63,1° en la izquierda y 60,2° en la derecha; las dos piernas hacen su trabajo.",
            "Tu rodilla izquierda (63,1°) no se mueve claramente más que tu rodilla derecha (60,2°).",
            "La zancada de tu pierna izquierda es 0,05 m más larga que la de tu pierna derecha.",
            "En la derecha medimos 1,40 m. En la izquierda la zancada es más larga.",
            "Lo más llamativo es que la zancada izquierda alcanza 1,45 m.",
            "El tronco se inclina de media -5,2 grados, entre -7,1 y -3,4 grados.",
        ],
    );
}

#[test]
fn a_third_set_of_texts_passes() {
    passes(
        Language::En,
        &[
            "Hey Mara, quick update: the left leg strides out to 1.45 m; the right one lags a bit at 1.40 m.",
            "Your knee range of motion was 63.1° (left) / 60.2° (right).",
            "What does a cadence of 112 mean? It means your feet touch the ground 112 times per minute.",
            "A stride of 1.40 m on the right isn't short by any means, but 1.45 m on the left shows what you're capable of.",
            "Both numbers, 1.45 m left and 1.40 m right, come with sizeable intervals: 1.27 to 1.64 m and 1.21 to 1.58 m.",
            "The difference (0.05 m) favors the left.",
            "On the right you reach 1.40 m. On the left, by contrast, you reach 1.45 m, and that is more.",
            "Seven repetitions, 112 steps per minute, one happy coach.",
            "Left and right differ in stride length by 0.05 m, with the left being longer.",
            "Stay tall: the trunk currently leans at -5.2°. As for the knee, no clear side-to-side difference shows up.",
        ],
    );
    passes(
        Language::De,
        &[
            "Hallo Mara, kurz zum Stand: Das linke Bein schafft 1,45 m, das rechte hinkt mit 1,40 m etwas hinterher.",
            "Der Bewegungsumfang des Knies betrug 63,1° (links) / 60,2° (rechts).",
            "Beide Werte, 1,45 m links und 1,40 m rechts, haben breite Intervalle: 1,27 bis 1,64 m und 1,21 bis 1,58 m.",
            "Rechts erreichst du 1,40 m. Links dagegen sind es 1,45 m, und das ist mehr.",
            "Links und rechts unterscheiden sich in der Schrittlänge um 0,05 m, wobei links länger ist.",
            "Bleib aufrecht: Der Rumpf steht bei -5,2°. Beim Knie gibt es keinen klaren Seitenunterschied.",
            "Sieben Wiederholungen, 112 Schritte pro Minute, ein zufriedener Trainer.",
        ],
    );
    passes(
        Language::Fr,
        &[
            "Salut Mara, petit point : la jambe gauche atteint 1,45 m, la droite suit avec 1,40 m.",
            "L'amplitude du genou était de 63,1° (gauche) / 60,2° (droite).",
            "Les deux valeurs, 1,45 m à gauche et 1,40 m à droite, ont de larges intervalles : 1,27 à 1,64 m et 1,21 à 1,58 m.",
            "À droite tu atteins 1,40 m. À gauche, en revanche, tu atteins 1,45 m, et c'est davantage.",
            "La gauche et la droite diffèrent de 0,05 m en longueur de foulée.",
            "Reste grande : le tronc est à -5,2°. Pour le genou, aucune différence claire entre les côtés.",
            "Sept répétitions, 112 pas par minute, un coach heureux.",
        ],
    );
    passes(
        Language::Es,
        &[
            "Hola, Mara: la pierna izquierda llega a 1,45 m, la derecha la sigue con 1,40 m.",
            "El rango de movimiento de la rodilla fue de 63,1° (izquierda) / 60,2° (derecha).",
            "Los dos valores, 1,45 m en la izquierda y 1,40 m en la derecha, tienen intervalos amplios: 1,27 a 1,64 m y 1,21 a 1,58 m.",
            "En la derecha llegas a 1,40 m. En la izquierda, en cambio, llegas a 1,45 m, y eso es más.",
            "La izquierda y la derecha se diferencian en 0,05 m de longitud de zancada.",
            "Mantente erguida: el tronco está a -5,2°. En la rodilla no hay diferencias claras entre los lados.",
            "Siete repeticiones, 112 pasos por minuto, un entrenador feliz.",
        ],
    );
}

#[test]
fn a_fourth_set_of_texts_passes() {
    passes(
        Language::En,
        &[
            "Let me put that in perspective: the left stride is 1.45 m, the right stride is 1.40 m, and the gap between the two is 0.05 m.",
            "Your right knee flexes through 60.2 degrees over a stride, your left through 63.1 degrees. That's as good as even.",
            "I'd describe your gait as steady. Cadence: 112 steps per minute. Stride: 1.45 m (L), 1.40 m (R).",
            "Since the two knee values (63.1° and 60.2°) have overlapping intervals, treat them as one and the same.",
            "Lengthen the right stride by driving off the left foot a little harder.",
            "Even though the right stride is shorter, it is not short: 1.40 m is a healthy value.",
            "Where does the left leg stand? At 1.45 m. And the right? At 1.40 m.",
            "On average your left stride was 1.45 m; we'd expect it between 1.27 and 1.64 m.",
            "The trunk angle was negative (-5.2°), which means a backward lean.",
            "If both legs worked the same way, the strides would match; yours are 1.45 m on the left and 1.40 m on the right.",
            "So, 1.45 m left, 1.40 m right. Not bad at all!",
            "You did the exercise seven times, each repetition with good control.",
        ],
    );
    passes(
        Language::De,
        &[
            "Zur Einordnung: Der linke Schritt ist 1,45 m lang, der rechte 1,40 m, und der Abstand zwischen den beiden beträgt 0,05 m.",
            "Dein rechtes Knie beugt sich um 60,2 Grad, dein linkes um 63,1 Grad. Das ist so gut wie gleich.",
            "Obwohl der rechte Schritt kürzer ist, ist er nicht kurz: 1,40 m sind ein gesunder Wert.",
            "Wo steht das linke Bein? Bei 1,45 m. Und das rechte? Bei 1,40 m.",
            "Mit dem linken Bein schaffst du 1,45 m, mit dem rechten 1,40 m.",
            "Der Rumpfwinkel war negativ (-5,2°), das heißt, du lehnst dich zurück.",
            "Also: 1,45 m links, 1,40 m rechts. Gar nicht schlecht!",
            "Deine rechte Seite braucht etwas mehr Länge, denn links kommst du auf 1,45 m und rechts nur auf 1,40 m.",
            "Kadenz: 112 Schritte pro Minute. Schritt: 1,45 m (li.), 1,40 m (re.).",
        ],
    );
    passes(
        Language::Fr,
        &[
            "Pour situer : la foulée gauche mesure 1,45 m, la droite 1,40 m, et l'écart entre les deux est de 0,05 m.",
            "Ton genou droit fléchit de 60,2 degrés, ton genou gauche de 63,1 degrés. C'est quasiment pareil.",
            "Même si la foulée droite est plus courte, elle n'est pas courte : 1,40 m est une bonne valeur.",
            "Où en est la jambe gauche ? À 1,45 m. Et la droite ? À 1,40 m.",
            "Avec la jambe gauche tu fais 1,45 m, avec la droite 1,40 m.",
            "L'angle du tronc est négatif (-5,2°), ce qui veut dire que tu te penches en arrière.",
            "Donc : 1,45 m à gauche, 1,40 m à droite. Pas mal du tout !",
            "Ton côté droit a besoin d'un peu plus de longueur, car à gauche tu atteins 1,45 m et à droite seulement 1,40 m.",
        ],
    );
    passes(
        Language::Es,
        &[
            "Para situarnos: la zancada izquierda mide 1,45 m, la derecha 1,40 m, y la distancia entre las dos es de 0,05 m.",
            "Tu rodilla derecha se flexiona 60,2 grados; tu rodilla izquierda, 63,1 grados. Es casi lo mismo.",
            "Aunque la zancada derecha es más corta, no es corta: 1,40 m es un buen valor.",
            "¿Dónde está la pierna izquierda? En 1,45 m. ¿Y la derecha? En 1,40 m.",
            "Con la pierna izquierda haces 1,45 m, con la derecha 1,40 m.",
            "El ángulo del tronco es negativo (-5,2°), es decir, te inclinas hacia atrás.",
            "Así que 1,45 m en la izquierda y 1,40 m en la derecha. ¡Nada mal!",
            "Tu lado derecho necesita algo más de longitud, porque en la izquierda llegas a 1,45 m y en la derecha solo a 1,40 m.",
        ],
    );
}
