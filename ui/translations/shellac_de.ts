<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
<context>
    <name>window</name>
    <message>
        <source>Start again</source>
        <translation>Neu starten</translation>
    </message>
    <message>
        <source>Choose devices…</source>
        <translation>Geräte wählen…</translation>
    </message>
    <message>
        <source>Open at 96 kHz</source>
        <translation>Mit 96 kHz öffnen</translation>
    </message>
    <message>
        <source>Record elsewhere…</source>
        <translation>Anderswohin aufnehmen…</translation>
    </message>
    <message>
        <source>Play without recording</source>
        <translation>Ohne Aufnahme abspielen</translation>
    </message>
    <message>
        <source>Play the demo record</source>
        <translation>Demoplatte abspielen</translation>
    </message>
    <message>
        <source>Play it again</source>
        <translation>Noch einmal abspielen</translation>
    </message>
    <message>
        <source>Show the files</source>
        <translation>Dateien zeigen</translation>
    </message>
    <message>
        <source>Use both walls</source>
        <translation>Beide Flanken verwenden</translation>
    </message>
    <message>
        <source>Use the left wall</source>
        <translation>Linke Flanke verwenden</translation>
    </message>
    <message>
        <source>Use the right wall</source>
        <translation>Rechte Flanke verwenden</translation>
    </message>
    <message>
        <source>This record’s hiss is known now, until the needle is lifted</source>
        <translation>Das Rauschen dieser Platte ist jetzt bekannt, bis die Nadel abgehoben wird</translation>
    </message>
    <message>
        <source>{name} is the label's picture, kept as {copy}</source>
        <translation>{name} ist das Bild des Etiketts, abgelegt als {copy}</translation>
    </message>
    <message>
        <source>{name} will be the picture of the next side's label</source>
        <translation>{name} wird das Bild vom Etikett der nächsten Seite</translation>
    </message>
    <message>
        <source>{name} is made with what is set now: {n:,} impulses repaired; the former one stays</source>
        <translation>{name} ist mit den jetzigen Einstellungen gemacht: {n:,} Impulse repariert; die frühere bleibt</translation>
    </message>
    <message>
        <source>the side was not restored: its process ended; try again</source>
        <translation>Die Seite wurde nicht restauriert: der Prozess endete; bitte noch einmal versuchen</translation>
    </message>
    <message>
        <source>Trained networks (*.onnx *.pth);;All files (*)</source>
        <translation>Trainierte Netze (*.onnx *.pth);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>the demo record</source>
        <translation>Demoplatte</translation>
    </message>
    <message>
        <source>Use other networks</source>
        <translation>Andere Netze verwenden</translation>
    </message>
    <message>
        <source>Load trained networks</source>
        <translation>Trainierte Netze laden</translation>
    </message>
    <message>
        <source>Play a file as the turntable</source>
        <translation>Datei wie vom Plattenspieler abspielen</translation>
    </message>
    <message>
        <source>Play {name}</source>
        <translation>{name} abspielen</translation>
    </message>
    <message>
        <source>Open {name}</source>
        <translation>{name} öffnen</translation>
    </message>
    <message>
        <source>the recording goes on, and the groove stays as it was</source>
        <translation>Die Aufnahme läuft weiter, und die Rille bleibt, wie sie war</translation>
    </message>
    <message>
        <source>measured; the walls agree to {r:.2f}</source>
        <translation>Gemessen; die Flanken stimmen zu {r:.2f} überein</translation>
    </message>
    <message>
        <source>Measuring the walls…</source>
        <translation>Die Flanken werden gemessen…</translation>
    </message>
    <message>
        <source>Change the delay of the groove</source>
        <translation>Laufzeit der Rille ändern</translation>
    </message>
    <message>
        <source>Record into</source>
        <translation>Aufnehmen nach</translation>
    </message>
    <message>
        <source>the recording has ended early: {error}</source>
        <translation>Die Aufnahme hat vorzeitig geendet: {error}</translation>
    </message>
    <message>
        <source>saved {length} in two files that line up: {raw} and {restored}</source>
        <translation>{length} gesichert, in zwei gleich langen Dateien: {raw} und {restored}</translation>
    </message>
    <message>
        <source>&amp;Undo: {what}</source>
        <translation>&amp;Rückgängig: {what}</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo: {what}</source>
        <translation>&amp;Wiederherstellen: {what}</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederherstellen</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>back to the preset {name}</source>
        <translation>zurück zum Preset {name}</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>Preset</translation>
    </message>
    <message>
        <source>Name of the files</source>
        <translation>Name der Dateien</translation>
    </message>
    <message>
        <source>raw sound for repair {n} of {name}</source>
        <translation>Reparatur {n} von {name} zurückgenommen</translation>
    </message>
    <message>
        <source>repair {n} of {name} kept</source>
        <translation>Reparatur {n} von {name} behalten</translation>
    </message>
    <message>
        <source>Restores 78 rpm records while they play. This program talks to nobody: no sound, no name and no figure leaves this computer.

Amber is the record as it comes in, teal what comes out; coral and violet mark what the two detectors take away.</source>
        <translation>Restauriert Schellackplatten, während sie spielen. Dieses Programm spricht mit niemandem: kein Ton, kein Name und keine Zahl verlässt diesen Rechner.

Bernstein ist die Platte, wie sie hereinkommt, Türkis, was hinausgeht; Koralle und Violett zeigen, was die beiden Detektoren wegnehmen.</translation>
    </message>
    <message>
        <source>About Shellac</source>
        <translation>Über Shellac</translation>
    </message>
    <message>
        <source>Log: {path}</source>
        <translation>Protokoll: {path}</translation>
    </message>
    <message>
        <source>none is kept</source>
        <translation>wird keines geführt</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Diagnostics…</source>
        <translation>Diagnose…</translation>
    </message>
    <message>
        <source>The networks that came with the program</source>
        <translation>Die mitgelieferten Netze</translation>
    </message>
    <message>
        <source>The analytical detector alone</source>
        <translation>Nur der analytische Detektor</translation>
    </message>
    <message>
        <source>Load…</source>
        <translation>Laden…</translation>
    </message>
    <message>
        <source>The trained networks in use; another choice opens the sound anew</source>
        <translation>Die trainierten Netze; eine andere Wahl öffnet den Ton neu</translation>
    </message>
    <message>
        <source>Checkpoint</source>
        <translation>Netze</translation>
    </message>
    <message>
        <source>Detector: {detector} · denoiser: {denoiser}</source>
        <translation>Detektor: {detector} · Rauschminderung: {denoiser}</translation>
    </message>
    <message>
        <source>Graph of the playback curve</source>
        <translation>Schaubild der Entzerrung</translation>
    </message>
    <message>
        <source>{low_db:+.1f} dB at 20 Hz, {high_db:+.1f} dB at 20 kHz</source>
        <translation>{low_db:+.1f} dB bei 20 Hz, {high_db:+.1f} dB bei 20 kHz</translation>
    </message>
    <message>
        <source>Sound (*.wav *.flac *.aif *.aiff *.ogg *.mp3);;All files (*)</source>
        <translation>Ton (*.wav *.flac *.aif *.aiff *.ogg *.mp3);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Short (25 ms)</source>
        <translation>Kurz (25 ms)</translation>
    </message>
    <message>
        <source>Safe on a busy computer (100 ms)</source>
        <translation>Sicher bei belastetem Rechner (100 ms)</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>Geräte</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>Eingang</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>Ausgang</translation>
    </message>
    <message>
        <source>Sample rate</source>
        <translation>Abtastrate</translation>
    </message>
    <message>
        <source>Channels</source>
        <translation>Kanäle</translation>
    </message>
    <message>
        <source>Delay of the devices</source>
        <translation>Verzögerung der Geräte</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>Neu suchen</translation>
    </message>
    <message>
        <source>Look for devices again (F5)</source>
        <translation>Noch einmal nach Geräten suchen (F5)</translation>
    </message>
    <message>
        <source>Looking for devices…</source>
        <translation>Geräte werden gesucht…</translation>
    </message>
    <message>
        <source>{n_in} inputs and {n_out} outputs found</source>
        <translation>{n_in} Eingänge und {n_out} Ausgänge gefunden</translation>
    </message>
    <message>
        <source>levels are shown while nothing is recorded</source>
        <translation>Pegel werden gezeigt, solange nichts aufgenommen wird</translation>
    </message>
    <message>
        <source>this input takes {listed} kHz</source>
        <translation>Dieser Eingang kann {listed} kHz</translation>
    </message>
    <message>
        <source>{rate} (refused)</source>
        <translation>{rate} (verweigert)</translation>
    </message>
    <message>
        <source>Demo record</source>
        <translation>Demoplatte</translation>
    </message>
    <message>
        <source>System default</source>
        <translation>Standard des Systems</translation>
    </message>
    <message>
        <source>None (silent)</source>
        <translation>Keiner (stumm)</translation>
    </message>
    <message>
        <source>The input's own</source>
        <translation>Die des Eingangs</translation>
    </message>
    <message>
        <source>File…</source>
        <translation>Datei…</translation>
    </message>
    <message>
        <source>Play a sound file as if it were the turntable</source>
        <translation>Eine Tondatei abspielen, als wäre sie der Plattenspieler</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Stereo</source>
        <translation>Stereo</translation>
    </message>
    <message>
        <source>Mono</source>
        <translation>Mono</translation>
    </message>
    <message>
        <source>Stereo: {n} and {next}</source>
        <translation>Stereo: {n} und {next}</translation>
    </message>
    <message>
        <source>Mono: {n}</source>
        <translation>Mono: {n}</translation>
    </message>
    <message>
        <source>{name} (not there)</source>
        <translation>{name} (nicht da)</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>Latenz</translation>
    </message>
    <message>
        <source>Declared delay of the chain, added to the devices'</source>
        <translation>Laufzeit der Kette, zu jener der Geräte addiert</translation>
    </message>
    <message>
        <source>Load, median and p99</source>
        <translation>Last, Median und p99</translation>
    </message>
    <message>
        <source>Processing time over audio time: median, and 99 of 100</source>
        <translation>Rechenzeit durch Tondauer: Median, und 99 von 100</translation>
    </message>
    <message>
        <source>Xruns</source>
        <translation>Aussetzer (Xruns)</translation>
    </message>
    <message>
        <source>Device blocks that came too late, in and out</source>
        <translation>Zu spät gekommene Blöcke der Geräte, ein und aus</translation>
    </message>
    <message>
        <source>Lost samples</source>
        <translation>Verlorene Samples</translation>
    </message>
    <message>
        <source>Input samples that never reached the restoration</source>
        <translation>Samples, die nie zur Restaurierung gelangten</translation>
    </message>
    <message>
        <source>Drift corrections</source>
        <translation>Driftausgleich</translation>
    </message>
    <message>
        <source>Single samples slipped because two clocks differ</source>
        <translation>Einzelne Samples verschoben, weil zwei Takte verschieden gehen</translation>
    </message>
    <message>
        <source>Walls</source>
        <translation>Flanken</translation>
    </message>
    <message>
        <source>What both walls of the groove have in common, and which groove that is</source>
        <translation>Was beide Flanken der Rille gemeinsam haben, und welche Rille das ist</translation>
    </message>
    <message>
        <source>Priority</source>
        <translation>Vorrang</translation>
    </message>
    <message>
        <source>Whether the system lets the sound go first</source>
        <translation>Ob das System dem Ton den Vortritt lässt</translation>
    </message>
    <message>
        <source>Diagnostics</source>
        <translation>Diagnose</translation>
    </message>
    <message>
        <source>Networks</source>
        <translation>Netze</translation>
    </message>
    <message>
        <source>What the doctor finds</source>
        <translation>Was die Prüfung findet</translation>
    </message>
    <message>
        <source>Examine this installation</source>
        <translation>Diese Installation prüfen</translation>
    </message>
    <message>
        <source>Close the diagnostics</source>
        <translation>Diagnose schließen</translation>
    </message>
    <message>
        <source> (sure to {percent:.0f} %)</source>
        <translation> (zu {percent:.0f} % sicher)</translation>
    </message>
    <message>
        <source>real-time</source>
        <translation>Echtzeit</translation>
    </message>
    <message>
        <source>ordinary</source>
        <translation>gewöhnlich</translation>
    </message>
    <message>
        <source>Examining; the last answer takes some seconds…</source>
        <translation>Wird geprüft; die letzte Antwort dauert einige Sekunden…</translation>
    </message>
    <message>
        <source>Level of each channel of the input</source>
        <translation>Pegel jedes Kanals des Eingangs</translation>
    </message>
    <message>
        <source>What each channel of this input hears now, dBFS</source>
        <translation>Was jeder Kanal dieses Eingangs jetzt hört, dBFS</translation>
    </message>
    <message>
        <source>{i} at {peak:.0f}</source>
        <translation>{i} bei {peak:.0f}</translation>
    </message>
    <message>
        <source>channel {levels} dBFS</source>
        <translation>Kanal {levels} dBFS</translation>
    </message>
    <message>
        <source>silent</source>
        <translation>stumm</translation>
    </message>
    <message>
        <source>Keep recording</source>
        <translation>Weiter aufnehmen</translation>
    </message>
    <message>
        <source>A recording is running</source>
        <translation>Eine Aufnahme läuft</translation>
    </message>
    <message>
        <source>A recording is running ({recorded}).</source>
        <translation>Eine Aufnahme läuft ({recorded}).</translation>
    </message>
    <message>
        <source>“{deed}” would end it. What has been recorded is kept either way.</source>
        <translation>„{deed}“ würde sie beenden. Was aufgenommen ist, bleibt in jedem Fall.</translation>
    </message>
    <message>
        <source>End it: {deed}</source>
        <translation>Beenden: {deed}</translation>
    </message>
    <message>
        <source>Set the level</source>
        <translation>Aussteuern</translation>
    </message>
    <message>
        <source>Highest peak</source>
        <translation>Höchster Spitzenwert</translation>
    </message>
    <message>
        <source>Play the loudest part of the record.</source>
        <translation>Die lauteste Stelle der Platte spielen.</translation>
    </message>
    <message>
        <source>Listen again</source>
        <translation>Neu messen</translation>
    </message>
    <message>
        <source>Close the level assistant</source>
        <translation>Aussteuerung schließen</translation>
    </message>
    <message>
        <source>It is overdriven. Turn the gain of the interface down by 12 dB and listen again.</source>
        <translation>Übersteuert. Die Verstärkung am Interface um 12 dB zurücknehmen und neu messen.</translation>
    </message>
    <message>
        <source>The level is right; leave the gain as it is.</source>
        <translation>Der Pegel stimmt; die Verstärkung so lassen.</translation>
    </message>
    <message>
        <source>Turn the gain of the interface up by {db:.0f} dB.</source>
        <translation>Die Verstärkung am Interface um {db:.0f} dB erhöhen.</translation>
    </message>
    <message>
        <source>Turn the gain of the interface down by {db:.0f} dB.</source>
        <translation>Die Verstärkung am Interface um {db:.0f} dB zurücknehmen.</translation>
    </message>
    <message>
        <source>Fields: {title} {performer} {label} {catalogue} {matrix} {side} {year} {date} {time}. What is not known is left out; a name that exists gets a number.</source>
        <translation>Felder: {title} {performer} {label} {catalogue} {matrix} {side} {year} {date} {time}. Unbekanntes wird ausgelassen; ein vorhandener Name bekommt eine Nummer.</translation>
    </message>
    <message>
        <source>The next recording is called</source>
        <translation>Die nächste Aufnahme heißt</translation>
    </message>
    <message>
        <source>Record (*.yaml *.yml)</source>
        <translation>Platte (*.yaml *.yml)</translation>
    </message>
    <message>
        <source>The record</source>
        <translation>Die Platte</translation>
    </message>
    <message>
        <source>Suggest a curve</source>
        <translation>Entzerrung vorschlagen</translation>
    </message>
    <message>
        <source>By label, year and origin</source>
        <translation>Nach Marke, Jahr und Herkunft</translation>
    </message>
    <message>
        <source>Measure walls</source>
        <translation>Flanken messen</translation>
    </message>
    <message>
        <source>Find out how late and how loud the right wall is, from the music</source>
        <translation>Aus der Musik ermitteln, wie spät und wie laut die rechte Flanke ist</translation>
    </message>
    <message>
        <source>Turn the record over</source>
        <translation>Platte umdrehen</translation>
    </message>
    <message>
        <source>The other side of the same record: title, matrix and notes are emptied</source>
        <translation>Die andere Seite derselben Platte: Titel, Matrize und Bemerkungen werden geleert</translation>
    </message>
    <message>
        <source>{name} is loaded</source>
        <translation>{name} ist geladen</translation>
    </message>
    <message>
        <source>saved as {name}</source>
        <translation>Gesichert als {name}</translation>
    </message>
    <message>
        <source>no curve is known for this label and year; fill in more of them</source>
        <translation>Zu dieser Marke und diesem Jahr ist keine Entzerrung bekannt; bitte mehr ausfüllen</translation>
    </message>
    <message>
        <source>any label</source>
        <translation>jede Marke</translation>
    </message>
    <message>
        <source>; also {names}</source>
        <translation>; auch {names}</translation>
    </message>
    <message>
        <source>title, matrix and notes are those of a new side</source>
        <translation>Titel, Matrize und Bemerkungen gelten für eine neue Seite</translation>
    </message>
    <message>
        <source>Open a record</source>
        <translation>Platte öffnen</translation>
    </message>
    <message>
        <source>Save the record</source>
        <translation>Platte sichern</translation>
    </message>
    <message>
        <source>Groove and speed</source>
        <translation>Rille und Drehzahl</translation>
    </message>
    <message>
        <source>Playback curve</source>
        <translation>Entzerrung</translation>
    </message>
    <message>
        <source>On the label</source>
        <translation>Auf dem Etikett</translation>
    </message>
    <message>
        <source>Transfer</source>
        <translation>Überspielung</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>Öffnen…</translation>
    </message>
    <message>
        <source>Take over a record's YAML file</source>
        <translation>Die YAML-Datei einer Platte übernehmen</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>Sichern…</translation>
    </message>
    <message>
        <source>Write all of this into a YAML file</source>
        <translation>Alles in eine YAML-Datei schreiben</translation>
    </message>
    <message>
        <source>The record stays as it is</source>
        <translation>Die Platte bleibt, wie sie ist</translation>
    </message>
    <message>
        <source>Close (Ctrl+G)</source>
        <translation>Schließen (Strg+G)</translation>
    </message>
    <message>
        <source>Close the record's panel</source>
        <translation>Das Feld der Platte schließen</translation>
    </message>
    <message>
        <source>Groove</source>
        <translation>Rille</translation>
    </message>
    <message>
        <source>Right wall late by</source>
        <translation>Rechte Flanke später um</translation>
    </message>
    <message>
        <source>Right wall raised by</source>
        <translation>Rechte Flanke lauter um</translation>
    </message>
    <message>
        <source>Undo RIAA of the phono stage</source>
        <translation>RIAA des Phono-Vorverstärkers aufheben</translation>
    </message>
    <message>
        <source>Turnover</source>
        <translation>Übernahmefrequenz</translation>
    </message>
    <message>
        <source>Roll-off at 10 kHz</source>
        <translation>Absenkung bei 10 kHz</translation>
    </message>
    <message>
        <source>Bass shelf</source>
        <translation>Bassgrenze</translation>
    </message>
    <message>
        <source>Gain after it</source>
        <translation>Pegel danach</translation>
    </message>
    <message>
        <source>Rumble filter</source>
        <translation>Rumpelfilter</translation>
    </message>
    <message>
        <source>Its slope</source>
        <translation>Seine Steilheit</translation>
    </message>
    <message>
        <source>Hum</source>
        <translation>Netzbrumm</translation>
    </message>
    <message>
        <source>Its harmonics</source>
        <translation>Seine Obertöne</translation>
    </message>
    <message>
        <source>Played at</source>
        <translation>Gespielt mit</translation>
    </message>
    <message>
        <source>True speed</source>
        <translation>Wahre Drehzahl</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Titel</translation>
    </message>
    <message>
        <source>Performer</source>
        <translation>Interpret</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>Marke</translation>
    </message>
    <message>
        <source>Catalogue no.</source>
        <translation>Bestellnummer</translation>
    </message>
    <message>
        <source>Matrix and take</source>
        <translation>Matrize und Take</translation>
    </message>
    <message>
        <source>Side</source>
        <translation>Seite</translation>
    </message>
    <message>
        <source>Year</source>
        <translation>Jahr</translation>
    </message>
    <message>
        <source>Made in</source>
        <translation>Herkunft</translation>
    </message>
    <message>
        <source>Groove alone at</source>
        <translation>Nur Rille bei</translation>
    </message>
    <message>
        <source>Stylus</source>
        <translation>Nadel</translation>
    </message>
    <message>
        <source>Cartridge</source>
        <translation>Tonabnehmer</translation>
    </message>
    <message>
        <source>Preamplifier</source>
        <translation>Vorverstärker</translation>
    </message>
    <message>
        <source>Converter</source>
        <translation>Wandler</translation>
    </message>
    <message>
        <source>Operator</source>
        <translation>Bearbeiter</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>Bemerkungen</translation>
    </message>
    <message>
        <source>Stereo, as it comes</source>
        <translation>Stereo, wie es kommt</translation>
    </message>
    <message>
        <source>Lateral: L+R</source>
        <translation>Seitenschrift: L+R</translation>
    </message>
    <message>
        <source>Vertical: L−R</source>
        <translation>Tiefenschrift: L−R</translation>
    </message>
    <message>
        <source>Left wall alone</source>
        <translation>Nur linke Flanke</translation>
    </message>
    <message>
        <source>Right wall alone</source>
        <translation>Nur rechte Flanke</translation>
    </message>
    <message>
        <source>Best wall</source>
        <translation>Beste Flanke</translation>
    </message>
    <message>
        <source>Best wall, vertical</source>
        <translation>Beste Flanke, Tiefenschrift</translation>
    </message>
    <message>
        <source>stereo</source>
        <translation>Stereo</translation>
    </message>
    <message>
        <source>lateral</source>
        <translation>Seitenschrift</translation>
    </message>
    <message>
        <source>vertical</source>
        <translation>Tiefenschrift</translation>
    </message>
    <message>
        <source>left</source>
        <translation>links</translation>
    </message>
    <message>
        <source>right</source>
        <translation>rechts</translation>
    </message>
    <message>
        <source>best</source>
        <translation>beste Flanke</translation>
    </message>
    <message>
        <source>best vertical</source>
        <translation>beste, Tiefenschrift</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>America</source>
        <translation>Amerika</translation>
    </message>
    <message>
        <source>Britain</source>
        <translation>Großbritannien</translation>
    </message>
    <message>
        <source>Europe</source>
        <translation>Europa</translation>
    </message>
    <message>
        <source>rpm</source>
        <translation>U/min</translation>
    </message>
    <message>
        <source>off</source>
        <translation>aus</translation>
    </message>
    <message>
        <source>{value} dB per octave</source>
        <translation>{value} dB je Oktave</translation>
    </message>
    <message>
        <source>Custom</source>
        <translation>Eigene</translation>
    </message>
    <message>
        <source>on</source>
        <translation>an</translation>
    </message>
    <message>
        <source>undo</source>
        <translation>zurück</translation>
    </message>
    <message>
        <source>no.</source>
        <translation>Nr.</translation>
    </message>
    <message>
        <source>time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>wall</source>
        <translation>Flanke</translation>
    </message>
    <message>
        <source>ms</source>
        <translation>ms</translation>
    </message>
    <message>
        <source>dB</source>
        <translation>dB</translation>
    </message>
    <message>
        <source>certainty</source>
        <translation>sicher zu</translation>
    </message>
    <message>
        <source>Repairs of {name}</source>
        <translation>Reparaturen von {name}</translation>
    </message>
    <message>
        <source>Repairs, the most doubtful first</source>
        <translation>Reparaturen, die zweifelhaftesten zuerst</translation>
    </message>
    <message>
        <source>Reading the side…</source>
        <translation>Die Seite wird gelesen…</translation>
    </message>
    <message>
        <source>Hear &amp;before</source>
        <translation>&amp;Vorher hören</translation>
    </message>
    <message>
        <source>Hear &amp;after</source>
        <translation>&amp;Nachher hören</translation>
    </message>
    <message>
        <source>In a loop, as loud as the other; B turns to the other (B)</source>
        <translation>In einer Schleife, so laut wie das andere; B wechselt zum anderen (B)</translation>
    </message>
    <message>
        <source>&amp;Undo this repair</source>
        <translation>Reparatur &amp;zurücknehmen</translation>
    </message>
    <message>
        <source>&amp;Write without the undone ones</source>
        <translation>&amp;Ohne die zurückgenommenen schreiben</translation>
    </message>
    <message>
        <source>{n} of {all}</source>
        <translation>{n} von {all}</translation>
    </message>
    <message>
        <source>{of} repairs; {undone} to be undone</source>
        <translation>{of} Reparaturen; {undone} werden zurückgenommen</translation>
    </message>
    <message>
        <source>&amp;Keep this repair</source>
        <translation>Reparatur &amp;behalten</translation>
    </message>
    <message>
        <source>Writing {name}…</source>
        <translation>{name} wird geschrieben…</translation>
    </message>
    <message>
        <source>{name} is written: {sentence}</source>
        <translation>{name} ist geschrieben: {sentence}</translation>
    </message>
    <message>
        <source>FLAC, 24 bit</source>
        <translation>FLAC, 24 Bit</translation>
    </message>
    <message>
        <source>For an archive: Broadcast Wave, 24 bit</source>
        <translation>Für ein Archiv: Broadcast Wave, 24 Bit</translation>
    </message>
    <message>
        <source>WAV, 32 bit float</source>
        <translation>WAV, 32 Bit Fließkomma</translation>
    </message>
    <message>
        <source>As the desktop</source>
        <translation>Wie der Desktop</translation>
    </message>
    <message>
        <source>Dark colours</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Light colours</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Devices…</source>
        <translation>&amp;Geräte…</translation>
    </message>
    <message>
        <source>&amp;Groove, curve and label…</source>
        <translation>&amp;Rille, Entzerrung und Etikett…</translation>
    </message>
    <message>
        <source>Play a &amp;file as the turntable…</source>
        <translation>Datei wie vom &amp;Plattenspieler abspielen…</translation>
    </message>
    <message>
        <source>Play the de&amp;mo record</source>
        <translation>&amp;Demoplatte abspielen</translation>
    </message>
    <message>
        <source>&amp;Trained networks…</source>
        <translation>&amp;Trainierte Netze…</translation>
    </message>
    <message>
        <source>&amp;Record or stop</source>
        <translation>&amp;Aufnahme starten oder beenden</translation>
    </message>
    <message>
        <source>Record from &amp;needle drop to lift</source>
        <translation>Vom Aufsetzen bis zum Abheben der &amp;Nadel aufnehmen</translation>
    </message>
    <message>
        <source>Set a mar&amp;ker</source>
        <translation>&amp;Marke setzen</translation>
    </message>
    <message>
        <source>Recording f&amp;older…</source>
        <translation>Aufnahme&amp;ordner…</translation>
    </message>
    <message>
        <source>Re&amp;pairs of a side…</source>
        <translation>Reparatur&amp;en einer Seite…</translation>
    </message>
    <message>
        <source>Recording form&amp;at</source>
        <translation>Aufnahme&amp;format</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;Preset</source>
        <translation>&amp;Preset</translation>
    </message>
    <message>
        <source>&amp;Save</source>
        <translation>&amp;Sichern</translation>
    </message>
    <message>
        <source>Save &amp;as…</source>
        <translation>Sichern &amp;unter…</translation>
    </message>
    <message>
        <source>&amp;Revert</source>
        <translation>&amp;Zurücksetzen</translation>
    </message>
    <message>
        <source>&amp;Listen</source>
        <translation>&amp;Hören</translation>
    </message>
    <message>
        <source>Or&amp;iginal or restored</source>
        <translation>&amp;Original oder restauriert</translation>
    </message>
    <message>
        <source>&amp;Removed or restored</source>
        <translation>&amp;Entferntes oder restauriert</translation>
    </message>
    <message>
        <source>&amp;Pause the file, or go on</source>
        <translation>Datei an&amp;halten oder weiter</translation>
    </message>
    <message>
        <source>Ten seconds bac&amp;k</source>
        <translation>Zehn Sekunden &amp;zurück</translation>
    </message>
    <message>
        <source>Ten seconds &amp;on</source>
        <translation>Zehn Sekunden &amp;vor</translation>
    </message>
    <message>
        <source>Lo&amp;uder</source>
        <translation>&amp;Lauter</translation>
    </message>
    <message>
        <source>&amp;Softer</source>
        <translation>Le&amp;iser</translation>
    </message>
    <message>
        <source>Set the &amp;level of the input…</source>
        <translation>Eingang aus&amp;steuern…</translation>
    </message>
    <message>
        <source>&amp;Bypass, recording included</source>
        <translation>&amp;Bypass, auch für die Aufnahme</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Freeze</source>
        <translation>&amp;Einfrieren</translation>
    </message>
    <message>
        <source>&amp;Next click</source>
        <translation>&amp;Nächster Knackser</translation>
    </message>
    <message>
        <source>&amp;Previous click</source>
        <translation>&amp;Voriger Knackser</translation>
    </message>
    <message>
        <source>Look nea&amp;rer</source>
        <translation>Nä&amp;her heran</translation>
    </message>
    <message>
        <source>Show &amp;more time</source>
        <translation>&amp;Mehr Zeit zeigen</translation>
    </message>
    <message>
        <source>&amp;Usual time</source>
        <translation>Ü&amp;bliche Zeit</translation>
    </message>
    <message>
        <source>Reset clip &amp;lamps</source>
        <translation>&amp;CLIP-Lampen löschen</translation>
    </message>
    <message>
        <source>Spectrogram ran&amp;ge</source>
        <translation>&amp;Umfang des Spektrogramms</translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation>&amp;Farben</translation>
    </message>
    <message>
        <source>&amp;Size, from the next start</source>
        <translation>&amp;Größe, ab dem nächsten Start</translation>
    </message>
    <message>
        <source>L&amp;anguage, from the next start</source>
        <translation>&amp;Sprache, ab dem nächsten Start</translation>
    </message>
    <message>
        <source>What &amp;happened</source>
        <translation>&amp;Was geschehen ist</translation>
    </message>
    <message>
        <source>Full scr&amp;een</source>
        <translation>Vo&amp;llbild</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>Hil&amp;fe</translation>
    </message>
    <message>
        <source>&amp;Diagnostics…</source>
        <translation>&amp;Diagnose…</translation>
    </message>
    <message>
        <source>&amp;About Shellac</source>
        <translation>&amp;Über Shellac</translation>
    </message>
    <message>
        <source>the window speaks that language from its next start on</source>
        <translation>Das Fenster spricht diese Sprache ab dem nächsten Start</translation>
    </message>
    <message>
        <source>What to do about it</source>
        <translation>Was dagegen zu tun ist</translation>
    </message>
    <message>
        <source>What happened before</source>
        <translation>Was vorher geschah</translation>
    </message>
    <message>
        <source>What happened before (Ctrl+J)</source>
        <translation>Was vorher geschah (Strg+J)</translation>
    </message>
    <message>
        <source>Dismiss this message</source>
        <translation>Diese Meldung ausblenden</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Ausblenden</translation>
    </message>
    <message>
        <source>not open</source>
        <translation>nicht offen</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>startet</translation>
    </message>
    <message>
        <source>live</source>
        <translation>live</translation>
    </message>
    <message>
        <source>ended</source>
        <translation>zu Ende</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>gestoppt</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>gestört</translation>
    </message>
    <message>
        <source>State of the sound</source>
        <translation>Zustand des Tons</translation>
    </message>
    <message>
        <source>What happened (Ctrl+J)</source>
        <translation>Was geschehen ist (Strg+J)</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>Was geschehen ist</translation>
    </message>
    <message>
        <source>Devices…</source>
        <translation>Geräte…</translation>
    </message>
    <message>
        <source>Choose input, output, sample rate and channels (Ctrl+D)</source>
        <translation>Eingang, Ausgang, Abtastrate und Kanäle wählen (Strg+D)</translation>
    </message>
    <message>
        <source>Choose devices</source>
        <translation>Geräte wählen</translation>
    </message>
    <message>
        <source>Record…</source>
        <translation>Platte…</translation>
    </message>
    <message>
        <source>Groove, curve, speed and label of the record</source>
        <translation>Rille, Entzerrung, Drehzahl und Etikett der Platte</translation>
    </message>
    <message>
        <source>Groove: {groove}…</source>
        <translation>Rille: {groove}…</translation>
    </message>
    <message>
        <source>Groove, curve, speed and label (Ctrl+G)</source>
        <translation>Rille, Entzerrung, Drehzahl und Etikett (Strg+G)</translation>
    </message>
    <message>
        <source>BYPASS</source>
        <translation>BYPASS</translation>
    </message>
    <message>
        <source>no input</source>
        <translation>kein Eingang</translation>
    </message>
    <message>
        <source>no output</source>
        <translation>kein Ausgang</translation>
    </message>
    <message>
        <source>too busy: dry</source>
        <translation>überlastet: original</translation>
    </message>
    <message>
        <source>file</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>mono</source>
        <translation>Mono</translation>
    </message>
    <message>
        <source>demo record</source>
        <translation>Demoplatte</translation>
    </message>
    <message>
        <source>Levels</source>
        <translation>Pegel</translation>
    </message>
    <message>
        <source>Restored</source>
        <translation>Restauriert</translation>
    </message>
    <message>
        <source>What is being recorded as restored</source>
        <translation>Was als restauriert aufgenommen wird</translation>
    </message>
    <message>
        <source>Original</source>
        <translation>Original</translation>
    </message>
    <message>
        <source>The record as it came in, at the same moment (B)</source>
        <translation>Die Platte, wie sie hereinkam, im selben Augenblick (B)</translation>
    </message>
    <message>
        <source>Removed</source>
        <translation>Entfernt</translation>
    </message>
    <message>
        <source>Only what is taken out: no music should be in it (R)</source>
        <translation>Nur was herausgenommen wird: Musik sollte nicht dabei sein (R)</translation>
    </message>
    <message>
        <source>Monitor</source>
        <translation>Abhören</translation>
    </message>
    <message>
        <source>Volume</source>
        <translation>Lautstärke</translation>
    </message>
    <message>
        <source>Nothing has happened yet</source>
        <translation>Noch ist nichts geschehen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Let the file stand still, or go on (P)</source>
        <translation>Die Datei anhalten oder weiterspielen (P)</translation>
    </message>
    <message>
        <source>Let the file stand still</source>
        <translation>Die Datei anhalten</translation>
    </message>
    <message>
        <source>Place in the file</source>
        <translation>Stelle in der Datei</translation>
    </message>
    <message>
        <source>Where in the file it plays; Ctrl+Left and Ctrl+Right: 10 s</source>
        <translation>Wo in der Datei gespielt wird; Strg+Links und Strg+Rechts: 10 s</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Abspielen</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiterspielen</translation>
    </message>
    <message>
        <source>How strongly the record is worked on; files can be dropped here</source>
        <translation>Wie stark die Platte bearbeitet wird; Dateien lassen sich hierher ziehen</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Sichern</translation>
    </message>
    <message>
        <source>Write the changes into this preset</source>
        <translation>Die Änderungen in dieses Preset schreiben</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>Sichern als…</translation>
    </message>
    <message>
        <source>Keep this under a new name</source>
        <translation>Unter neuem Namen behalten</translation>
    </message>
    <message>
        <source>Revert</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Go back to the preset as saved</source>
        <translation>Zurück zum gesicherten Preset</translation>
    </message>
    <message>
        <source>Save preset as</source>
        <translation>Preset sichern als</translation>
    </message>
    <message>
        <source>Name of the preset:</source>
        <translation>Name des Presets:</translation>
    </message>
    <message>
        <source>There is a preset “{name}” already. Write over it?</source>
        <translation>Das Preset „{name}“ gibt es schon. Überschreiben?</translation>
    </message>
    <message>
        <source>changed</source>
        <translation>geändert</translation>
    </message>
    <message>
        <source>{deed} preset</source>
        <translation>Preset: {deed}</translation>
    </message>
    <message>
        <source>Length of both files</source>
        <translation>Länge beider Dateien</translation>
    </message>
    <message>
        <source>Silence that stands for sound that is missing, because the input was away</source>
        <translation>Stille an der Stelle von Ton, der fehlt, weil der Eingang weg war</translation>
    </message>
    <message>
        <source>Seconds of the restored file in which the computer was too busy to restore</source>
        <translation>Sekunden der restaurierten Datei, in denen der Rechner nicht nachkam</translation>
    </message>
    <message>
        <source>Samples of the untouched file at full scale; turn the gain down if there are any</source>
        <translation>Samples der Rohdatei bei Vollaussteuerung; gibt es welche, weniger aussteuern</translation>
    </message>
    <message>
        <source>Clicks, crackle and pops that were repaired</source>
        <translation>Reparierte Knackser, Knistern und Plopps</translation>
    </message>
    <message>
        <source>Integrated loudness of the restored file, ITU-R BS.1770</source>
        <translation>Lautheit der restaurierten Datei, ITU-R BS.1770</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>Länge</translation>
    </message>
    <message>
        <source>Silences</source>
        <translation>Lücken</translation>
    </message>
    <message>
        <source>Untouched</source>
        <translation>Original</translation>
    </message>
    <message>
        <source>Clipped</source>
        <translation>Clipping</translation>
    </message>
    <message>
        <source>Impulses</source>
        <translation>Impulse</translation>
    </message>
    <message>
        <source>Loudness</source>
        <translation>Lautheit</translation>
    </message>
    <message>
        <source>Hear this side in the window</source>
        <translation>Diese Seite im Fenster hören</translation>
    </message>
    <message>
        <source>Repairs…</source>
        <translation>Reparaturen…</translation>
    </message>
    <message>
        <source>Look at the doubtful ones, and undo them</source>
        <translation>Die zweifelhaften ansehen und zurücknehmen</translation>
    </message>
    <message>
        <source>Show files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation>Den Ordner öffnen</translation>
    </message>
    <message>
        <source>Restore again</source>
        <translation>Neu rechnen</translation>
    </message>
    <message>
        <source>Make another restored file with what is set now; the former one stays</source>
        <translation>Eine weitere restaurierte Datei mit den jetzigen Einstellungen machen; die frühere bleibt</translation>
    </message>
    <message>
        <source>silence</source>
        <translation>Stille</translation>
    </message>
    <message>
        <source>Cancel ({n} %)</source>
        <translation>Abbruch {n} %</translation>
    </message>
    <message>
        <source>{label}: the side recorded last</source>
        <translation>{label}: die zuletzt aufgenommene Seite</translation>
    </message>
    <message>
        <source>Spectrogram</source>
        <translation>Spektrogramm</translation>
    </message>
    <message>
        <source>Frequency</source>
        <translation>Frequenz</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Log</translation>
    </message>
    <message>
        <source>Octaves of equal height</source>
        <translation>Oktaven gleicher Höhe</translation>
    </message>
    <message>
        <source>Linear</source>
        <translation>Linear</translation>
    </message>
    <message>
        <source>Kilohertz of equal height</source>
        <translation>Kilohertz gleicher Höhe</translation>
    </message>
    <message>
        <source>Spectrogram of</source>
        <translation>Spektrogramm von</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>All three, one above the other</source>
        <translation>Alle drei untereinander</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>Vorher</translation>
    </message>
    <message>
        <source>The record as it comes in</source>
        <translation>Die Platte, wie sie hereinkommt</translation>
    </message>
    <message>
        <source>After</source>
        <translation>Nachher</translation>
    </message>
    <message>
        <source>What is left of it</source>
        <translation>Was davon bleibt</translation>
    </message>
    <message>
        <source>What was taken out</source>
        <translation>Was herausgenommen wurde</translation>
    </message>
    <message>
        <source>Colours of the spectrogram, in dBFS</source>
        <translation>Farben des Spektrogramms, in dBFS</translation>
    </message>
    <message>
        <source>in order</source>
        <translation>in Ordnung</translation>
    </message>
    <message>
        <source>Rebuild</source>
        <translation>Neu bilden</translation>
    </message>
    <message>
        <source>Put new sound in the place of a defect, from its surroundings</source>
        <translation>An der Stelle eines Schadens neuen Ton aus der Umgebung bilden</translation>
    </message>
    <message>
        <source>Turn down</source>
        <translation>Absenken</translation>
    </message>
    <message>
        <source>Lower a defect by the depth; what lies under it stays</source>
        <translation>Einen Schaden um den Anteil absenken; was darunter liegt, bleibt</translation>
    </message>
    <message>
        <source>Raise it until faint ticks are gone; too high, and attacks lose their edge. Listen to Removed (R): no music should be in it.</source>
        <translation>Erhöhen, bis leises Ticken weg ist; zu hoch, und Einsätze werden stumpf. Mit „Entfernt“ (R) prüfen: Musik sollte nicht dabei sein.</translation>
    </message>
    <message>
        <source>Lower it where repairs are heard as holes; 100 % takes a found impulse out whole.</source>
        <translation>Verringern, wo Reparaturen als Löcher zu hören sind; 100 % nimmt einen gefundenen Impuls ganz heraus.</translation>
    </message>
    <message>
        <source>Raise it while thumps and pops remain; lower it if drums lose weight.</source>
        <translation>Erhöhen, solange Rumpler und Plopps bleiben; verringern, wenn Trommeln an Gewicht verlieren.</translation>
    </message>
    <message>
        <source>Raise it when brass, plosives or drums soften; lower it if clicks hide there.</source>
        <translation>Erhöhen, wenn Blech, Konsonanten oder Trommeln weich werden; verringern, wenn dort Knackser bleiben.</translation>
    </message>
    <message>
        <source>Which detector has the say where the two disagree.</source>
        <translation>Welcher Detektor entscheidet, wo die beiden uneins sind.</translation>
    </message>
    <message>
        <source>Raise it until the surface recedes; stop before the room goes with it.</source>
        <translation>Erhöhen, bis das Grundrauschen zurücktritt; aufhören, ehe der Raum mit verschwindet.</translation>
    </message>
    <message>
        <source>Press it while the groove plays without music, before the first note or after the last: for two seconds this record's hiss is learned, and told from the music more surely from then on.</source>
        <translation>Drücken, während die Rille ohne Musik läuft, vor dem ersten Ton oder nach dem letzten: Zwei Sekunden lang wird das Rauschen dieser Platte gelernt und von da an sicherer von der Musik unterschieden.</translation>
    </message>
    <message>
        <source>No trained detector is loaded: the analytical one works alone.</source>
        <translation>Kein trainierter Detektor geladen: der analytische arbeitet allein.</translation>
    </message>
    <message>
        <source>No trained denoiser is loaded: surface noise stays as it is.</source>
        <translation>Keine trainierte Rauschminderung geladen: das Grundrauschen bleibt, wie es ist.</translation>
    </message>
    <message>
        <source>Suppression</source>
        <translation>Entstörung</translation>
    </message>
    <message>
        <source>Declick</source>
        <translation>Entknacksen</translation>
    </message>
    <message>
        <source>Repair</source>
        <translation>Reparatur</translation>
    </message>
    <message>
        <source>Sensitivity</source>
        <translation>Empfindlichkeit</translation>
    </message>
    <message>
        <source>Depth</source>
        <translation>Anteil</translation>
    </message>
    <message>
        <source>Longest click</source>
        <translation>Längster Knackser</translation>
    </message>
    <message>
        <source>Brass and drum protection</source>
        <translation>Schutz für Blech und Trommel</translation>
    </message>
    <message>
        <source>Analytical / learned</source>
        <translation>Analytisch / gelernt</translation>
    </message>
    <message>
        <source>Hiss reduction</source>
        <translation>Rauschminderung</translation>
    </message>
    <message>
        <source>Learn the hiss</source>
        <translation>Rauschen lernen</translation>
    </message>
    <message>
        <source>raw</source>
        <translation>roh</translation>
    </message>
    <message>
        <source>restored</source>
        <translation>restauriert</translation>
    </message>
    <message>
        <source>Stop recording</source>
        <translation>Aufnahme beenden</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Aufnehmen</translation>
    </message>
    <message>
        <source>End both files (Ctrl+R)</source>
        <translation>Beide Dateien beenden (Strg+R)</translation>
    </message>
    <message>
        <source>Record the untouched and the restored sound, side by side (Ctrl+R)</source>
        <translation>Den unbearbeiteten und den restaurierten Ton nebeneinander aufnehmen (Strg+R)</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Aufnahme</translation>
    </message>
    <message>
        <source>Recorded time</source>
        <translation>Aufgenommene Zeit</translation>
    </message>
    <message>
        <source>Wait for needle</source>
        <translation>Auf Nadel warten</translation>
    </message>
    <message>
        <source>Record each side by itself, from the needle's drop to its lift</source>
        <translation>Jede Seite von selbst aufnehmen, vom Aufsetzen bis zum Abheben der Nadel</translation>
    </message>
    <message>
        <source>Wait for the needle</source>
        <translation>Auf die Nadel warten</translation>
    </message>
    <message>
        <source>Stop at run-out</source>
        <translation>Stopp im Auslauf</translation>
    </message>
    <message>
        <source>End the recording by itself once the needle has been in the run-out groove for
ten turns: the music is gone, and what is left comes back once a turn.
Nothing is cut.</source>
        <translation>Die Aufnahme von selbst beenden, wenn die Nadel zehn Umdrehungen lang in der
Auslaufrille war: die Musik ist weg, und was bleibt, kehrt mit jeder Umdrehung
wieder. Nichts wird abgeschnitten.</translation>
    </message>
    <message>
        <source>End recordings by themselves in the run-out groove</source>
        <translation>Aufnahmen in der Auslaufrille von selbst beenden</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>Ordner…</translation>
    </message>
    <message>
        <source>Choose the folder for recordings</source>
        <translation>Den Ordner für Aufnahmen wählen</translation>
    </message>
    <message>
        <source>folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>untouched and restored, in step to the sample</source>
        <translation>unbearbeitet und restauriert, auf das Sample gleich</translation>
    </message>
    <message>
        <source>files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Cancel wait</source>
        <translation>Nicht warten</translation>
    </message>
    <message>
        <source>Wait no longer</source>
        <translation>Nicht länger warten</translation>
    </message>
    <message>
        <source>disk not there</source>
        <translation>Datenträger nicht da</translation>
    </message>
    <message>
        <source>not there</source>
        <translation>nicht da</translation>
    </message>
    <message>
        <source>{room} free, {time} left</source>
        <translation>{room} frei, für {time}</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation>noch {time}</translation>
    </message>
    <message>
        <source>{n:.0f} min</source>
        <translation>{n:.0f} min</translation>
    </message>
    <message>
        <source>{n:.0f} h</source>
        <translation>{n:.0f} h</translation>
    </message>
    <message>
        <source>{n:.0f} days</source>
        <translation>{n:.0f} Tage</translation>
    </message>
    <message>
        <source>The mean of both groove walls; the mask of either</source>
        <translation>Das Mittel beider Rillenflanken; die Maske von jeder</translation>
    </message>
    <message>
        <source>Left channel</source>
        <translation>Linker Kanal</translation>
    </message>
    <message>
        <source>Right channel</source>
        <translation>Rechter Kanal</translation>
    </message>
    <message>
        <source>analytical</source>
        <translation>analytisch</translation>
    </message>
    <message>
        <source>What the analytical detector found</source>
        <translation>Was der analytische Detektor fand</translation>
    </message>
    <message>
        <source>learned</source>
        <translation>gelernt</translation>
    </message>
    <message>
        <source>What the learned detector found</source>
        <translation>Was der gelernte Detektor fand</translation>
    </message>
    <message>
        <source>Waveform</source>
        <translation>Wellenform</translation>
    </message>
    <message>
        <source>Previous click (Shift+N)</source>
        <translation>Voriger Knackser (Umschalt+N)</translation>
    </message>
    <message>
        <source>click ›</source>
        <translation>Knackser ›</translation>
    </message>
    <message>
        <source>Next click (N)</source>
        <translation>Nächster Knackser (N)</translation>
    </message>
    <message>
        <source>Show more time (−)</source>
        <translation>Mehr Zeit zeigen (−)</translation>
    </message>
    <message>
        <source>Look nearer (+)</source>
        <translation>Näher heran (+)</translation>
    </message>
    <message>
        <source>Freeze</source>
        <translation>Einfrieren</translation>
    </message>
    <message>
        <source>Stand still (space bar)</source>
        <translation>Stillstehen (Leertaste)</translation>
    </message>
    <message>
        <source>Channel</source>
        <translation>Kanal</translation>
    </message>
    <message>
        <source>walls L {left}, R {right} %</source>
        <translation>Flanken L {left}, R {right} %</translation>
    </message>
    <message>
        <source>How much of the last 3 s is damaged on either wall of the groove.
The right one is {late_us:+.1f} µs late and raised by {raised_db:+.2f} dB.</source>
        <translation>Wie viel der letzten 3 s auf jeder Flanke der Rille beschädigt ist.
Die rechte kommt {late_us:+.1f} µs später und ist um {raised_db:+.2f} dB lauter.</translation>
    </message>
    <message>
        <source>no click there</source>
        <translation>kein Knackser dort</translation>
    </message>
    <message>
        <source>Computer</source>
        <translation>Rechner</translation>
    </message>
    <message>
        <source>Needle</source>
        <translation>Nadel</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>away</source>
        <translation>weg</translation>
    </message>
    <message>
        <source>no sound</source>
        <translation>kein Ton</translation>
    </message>
    <message>
        <source>nothing has come for {s:.0f} s</source>
        <translation>seit {s:.0f} s kam nichts</translation>
    </message>
    <message>
        <source>there is no output; the sound is restored and recorded</source>
        <translation>Es gibt keinen Ausgang; der Ton wird restauriert und aufgenommen</translation>
    </message>
    <message>
        <source>too busy</source>
        <translation>überlastet</translation>
    </message>
    <message>
        <source>{n:,} samples were lost; see Diagnostics</source>
        <translation>{n:,} Samples gingen verloren; siehe Diagnose</translation>
    </message>
    <message>
        <source>little to spare; sound came too late {n:,} times</source>
        <translation>kaum Reserve; Ton kam {n:,}-mal zu spät</translation>
    </message>
    <message>
        <source>how much of its time the restoration takes</source>
        <translation>wie viel von ihrer Zeit die Restaurierung braucht</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>recording begins when the needle comes down</source>
        <translation>Die Aufnahme beginnt, wenn die Nadel aufsetzt</translation>
    </message>
    <message>
        <source>down</source>
        <translation>unten</translation>
    </message>
    <message>
        <source>recording ends when the needle is lifted</source>
        <translation>Die Aufnahme endet, wenn die Nadel abhebt</translation>
    </message>
    <message>
        <source>recordings begin and end by the button</source>
        <translation>Aufnahmen beginnen und enden mit dem Knopf</translation>
    </message>
    <message>
        <source>what the recordings' disk has room for</source>
        <translation>Wofür beim Aufnehmen noch Platz ist</translation>
    </message>
    <message>
        <source>pops</source>
        <translation>Plopps</translation>
    </message>
    <message>
        <source>longer than 3 ms</source>
        <translation>länger als 3 ms</translation>
    </message>
    <message>
        <source>clicks</source>
        <translation>Knackser</translation>
    </message>
    <message>
        <source>up to 3 ms</source>
        <translation>bis 3 ms</translation>
    </message>
    <message>
        <source>crackle</source>
        <translation>Knistern</translation>
    </message>
    <message>
        <source>up to 0.4 ms</source>
        <translation>bis 0,4 ms</translation>
    </message>
    <message>
        <source>Impulses per second</source>
        <translation>Impulse je Sekunde</translation>
    </message>
    <message>
        <source>Impulses found per second, over the last three seconds</source>
        <translation>Gefundene Impulse je Sekunde, über die letzten drei Sekunden</translation>
    </message>
    <message>
        <source>per second</source>
        <translation>je Sekunde</translation>
    </message>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>Impulses per second over the last minutes</source>
        <translation>Impulse je Sekunde in den letzten Minuten</translation>
    </message>
    <message>
        <source>Impulses in each second of the last three minutes</source>
        <translation>Impulse in jeder Sekunde der letzten drei Minuten</translation>
    </message>
    <message>
        <source>clipped</source>
        <translation>übersteuert</translation>
    </message>
    <message>
        <source>Levels in and out</source>
        <translation>Pegel ein und aus</translation>
    </message>
    <message>
        <source>RMS (bright), peak (dim), held peak (line), dBFS.
A click resets CLIP.</source>
        <translation>RMS (hell), Spitze (matt), gehaltene Spitze (Strich), dBFS.
Ein Klick löscht CLIP.</translation>
    </message>
    <message>
        <source>in</source>
        <translation>ein</translation>
    </message>
    <message>
        <source>out</source>
        <translation>aus</translation>
    </message>
    <message>
        <source>before</source>
        <translation>vorher</translation>
    </message>
    <message>
        <source>after</source>
        <translation>nachher</translation>
    </message>
    <message>
        <source>removed</source>
        <translation>entfernt</translation>
    </message>
    <message>
        <source>Spectrogram before, after and removed</source>
        <translation>Spektrogramm vorher, nachher und entfernt</translation>
    </message>
    <message>
        <source>left wall alone: the other carries no music</source>
        <translation>nur linke Flanke: die andere trägt keine Musik</translation>
    </message>
    <message>
        <source>right wall alone: the other carries no music</source>
        <translation>nur rechte Flanke: die andere trägt keine Musik</translation>
    </message>
    <message>
        <source>left wall damaged, right speaks</source>
        <translation>linke Flanke beschädigt, rechte spricht</translation>
    </message>
    <message>
        <source>right wall damaged, left speaks</source>
        <translation>rechte Flanke beschädigt, linke spricht</translation>
    </message>
    <message>
        <source>damage on either wall, the other speaks</source>
        <translation>Schaden auf beiden Flanken, die jeweils andere spricht</translation>
    </message>
    <message>
        <source>the sound of both repaired</source>
        <translation>der Ton beider repariert</translation>
    </message>
    <message>
        <source>both walls</source>
        <translation>beide Flanken</translation>
    </message>
    <message>
        <source>Waveform before and after, with the detection mask</source>
        <translation>Wellenform vorher und nachher, mit der Maske der Funde</translation>
    </message>
    <message>
        <source>Wheel: zoom. Space: freeze. Frozen: drag, arrow keys; N: next click.</source>
        <translation>Rad: Zoom. Leertaste: einfrieren. Eingefroren: ziehen, Pfeiltasten; N: nächster Knackser.</translation>
    </message>
    <message>
        <source>mask</source>
        <translation>Maske</translation>
    </message>
    <message>
        <source>walls</source>
        <translation>Flanken</translation>
    </message>
    <message>
        <source>{low} to {high}{unit}; a double click goes back to {default}.</source>
        <translation>{low} bis {high}{unit}; ein Doppelklick stellt zurück auf {default}.</translation>
    </message>
    <message>
        <source>archives ask for {khz:g} kHz; the input is open at {now}</source>
        <translation>Archive verlangen {khz:g} kHz; der Eingang ist mit {now} offen</translation>
    </message>
    <message>
        <source>Repairs of a side</source>
        <translation>Reparaturen einer Seite</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Find and repair clicks, crackle and pops.</source>
        <translation>Knackser, Knistern und Plopps finden und reparieren.</translation>
    </message>
    <message>
        <source>How an impulse is removed: rebuilt from its surroundings, or turned down.</source>
        <translation>Wie ein Impuls verschwindet: aus der Umgebung neu gebildet oder abgesenkt.</translation>
    </message>
    <message>
        <source>How faint an impulse is still caught; too high dulls attacks.</source>
        <translation>Wie leise ein Impuls noch gefunden wird; zu hoch macht Einsätze stumpf.</translation>
    </message>
    <message>
        <source>How much of a found impulse is taken out; lower sounds more worn.</source>
        <translation>Wie viel von einem gefundenen Impuls verschwindet; weniger klingt abgenutzter.</translation>
    </message>
    <message>
        <source>Longest defect that is rebuilt; raise it for pops and thumps.</source>
        <translation>Längster Schaden, der neu gebildet wird; für Plopps und Rumpler erhöhen.</translation>
    </message>
    <message>
        <source>Holds back on brass, plosives and drums; raise it if they soften.</source>
        <translation>Hält sich bei Blech, Konsonanten und Trommeln zurück; erhöhen, wenn sie weich werden.</translation>
    </message>
    <message>
        <source>0 trusts the analytical detector, 1 the learned one (needs a detector checkpoint).</source>
        <translation>0 vertraut dem analytischen Detektor, 1 dem gelernten (braucht ein Netz).</translation>
    </message>
    <message>
        <source>How far surface noise is lowered (needs a denoiser checkpoint).</source>
        <translation>Wie weit das Grundrauschen gesenkt wird (braucht ein Netz).</translation>
    </message>
    <message>
        <source>Hold while the groove plays without music: this record's hiss is learned from it.</source>
        <translation>Halten, während die Rille ohne Musik läuft: Das Rauschen dieser Platte wird daraus gelernt.</translation>
    </message>
    <message>
        <source>Pass the delayed input through untouched, recording included.</source>
        <translation>Den verzögerten Eingang unbearbeitet durchreichen, auch in die Aufnahme.</translation>
    </message>
    <message>
        <source>What the headphones play; the recording is not affected.</source>
        <translation>Was der Kopfhörer spielt; die Aufnahme bleibt davon unberührt.</translation>
    </message>
    <message>
        <source>Headphone volume; the recording is not affected.</source>
        <translation>Lautstärke des Kopfhörers; die Aufnahme bleibt davon unberührt.</translation>
    </message>
    <message>
        <source>The phono stage has applied RIAA: undo it before anything else.</source>
        <translation>Der Phono-Vorverstärker hat nach RIAA entzerrt: vor allem anderen aufheben.</translation>
    </message>
    <message>
        <source>What is taken from the two walls of the groove.</source>
        <translation>Was von den beiden Flanken der Rille genommen wird.</translation>
    </message>
    <message>
        <source>By how much the right wall comes later than the left.</source>
        <translation>Um wie viel die rechte Flanke später kommt als die linke.</translation>
    </message>
    <message>
        <source>How much the right wall is raised against the left.</source>
        <translation>Um wie viel die rechte Flanke gegen die linke angehoben wird.</translation>
    </message>
    <message>
        <source>High-pass against rumble, from 15 Hz; 0 is off.</source>
        <translation>Hochpass gegen Rumpeln, ab 15 Hz; 0 ist aus.</translation>
    </message>
    <message>
        <source>How steep that is, dB per octave.</source>
        <translation>Wie steil er ist, dB je Oktave.</translation>
    </message>
    <message>
        <source>Mains hum to take out, harmonics included.</source>
        <translation>Netzbrumm, der entfernt wird, mit Obertönen.</translation>
    </message>
    <message>
        <source>How many of them, the first included.</source>
        <translation>Wie viele davon, mit dem Grundton.</translation>
    </message>
    <message>
        <source>The record's playback curve, see shellac curves.</source>
        <translation>Die Entzerrung der Platte, siehe shellac curves.</translation>
    </message>
    <message>
        <source>Of the custom curve: below it the bass rises; 0 is none.</source>
        <translation>Der eigenen Entzerrung: darunter steigt der Bass; 0 ist keine.</translation>
    </message>
    <message>
        <source>Of the custom curve: how far 10 kHz is lowered.</source>
        <translation>Der eigenen Entzerrung: wie weit 10 kHz abgesenkt werden.</translation>
    </message>
    <message>
        <source>Of the custom curve: where the bass stops rising; 0 is none.</source>
        <translation>Der eigenen Entzerrung: wo der Bass nicht weiter steigt; 0 ist keine.</translation>
    </message>
    <message>
        <source>After the curve, which may lift the bass.</source>
        <translation>Nach der Entzerrung, die den Bass heben kann.</translation>
    </message>
    <message>
        <source>How fast the record turned when it was played.</source>
        <translation>Wie schnell sich die Platte beim Abspielen drehte.</translation>
    </message>
    <message>
        <source>How fast it has to turn to sound as it was made.</source>
        <translation>Wie schnell sie drehen muss, um wie bei der Aufnahme zu klingen.</translation>
    </message>
    <message>
        <source>Where nothing but the groove is heard, such as 0:00.5-0:02: its hiss is learned there.</source>
        <translation>Wo nur die Rille zu hören ist, etwa 0:00.5-0:02: Ihr Rauschen wird dort gelernt.</translation>
    </message>
    <message>
        <source>What it was played with, such as '3.0 mil truncated elliptical'.</source>
        <translation>Womit sie gespielt wurde, etwa „75 µm, elliptisch gekappt“.</translation>
    </message>
    <message>
        <source>The pickup that the stylus sat in.</source>
        <translation>Der Tonabnehmer, in dem die Nadel saß.</translation>
    </message>
    <message>
        <source>Phono stage, with its settings, such as 'flat, 40 dB'.</source>
        <translation>Phono-Vorverstärker mit Einstellung, etwa „linear, 40 dB“.</translation>
    </message>
    <message>
        <source>What made numbers of the sound, such as the interface.</source>
        <translation>Was aus dem Ton Zahlen gemacht hat, etwa das Interface.</translation>
    </message>
    <message>
        <source>Who makes the transfer.</source>
        <translation>Wer überspielt.</translation>
    </message>
    <message>
        <source>What is played.</source>
        <translation>Was gespielt wird.</translation>
    </message>
    <message>
        <source>Who plays.</source>
        <translation>Wer spielt.</translation>
    </message>
    <message>
        <source>The company, as printed.</source>
        <translation>Die Firma, wie gedruckt.</translation>
    </message>
    <message>
        <source>Catalogue number.</source>
        <translation>Bestellnummer.</translation>
    </message>
    <message>
        <source>Matrix and take, from the run-out.</source>
        <translation>Matrize und Take, aus der Auslaufrille.</translation>
    </message>
    <message>
        <source>A, B, 1, 2 ...</source>
        <translation>A, B, 1, 2 ...</translation>
    </message>
    <message>
        <source>Of the recording; 0 is unknown.</source>
        <translation>Der Aufnahme; 0 ist unbekannt.</translation>
    </message>
    <message>
        <source>Where it was made, for its curve.</source>
        <translation>Woher sie stammt, für die Entzerrung.</translation>
    </message>
    <message>
        <source>Anything else.</source>
        <translation>Sonstiges.</translation>
    </message>
    <message>
        <source>flat, acoustic recordings</source>
        <translation>linear, akustische Aufnahmen</translation>
    </message>
    <message>
        <source>European 78, EMI 250</source>
        <translation>Europa 78, EMI 250</translation>
    </message>
    <message>
        <source>Blumlein 300</source>
        <translation>Blumlein 300</translation>
    </message>
    <message>
        <source>Westrex, HMV triangle, Columbia W</source>
        <translation>Westrex, HMV Dreieck, Columbia W</translation>
    </message>
    <message>
        <source>500 flat</source>
        <translation>500 linear</translation>
    </message>
    <message>
        <source>American 78, -6 dB</source>
        <translation>Amerika 78, -6 dB</translation>
    </message>
    <message>
        <source>American 78, -8 dB</source>
        <translation>Amerika 78, -8 dB</translation>
    </message>
    <message>
        <source>Columbia 78, American</source>
        <translation>Columbia 78, Amerika</translation>
    </message>
    <message>
        <source>Old RCA</source>
        <translation>RCA, alt</translation>
    </message>
    <message>
        <source>Decca 78, ffrr</source>
        <translation>Decca 78, ffrr</translation>
    </message>
    <message>
        <source>Capitol</source>
        <translation>Capitol</translation>
    </message>
    <message>
        <source>AES 1951</source>
        <translation>AES 1951</translation>
    </message>
    <message>
        <source>CCIR 78</source>
        <translation>CCIR 78</translation>
    </message>
    <message>
        <source>BSI, IEC N78</source>
        <translation>BSI, IEC N78</translation>
    </message>
    <message>
        <source>Columbia LP</source>
        <translation>Columbia LP</translation>
    </message>
    <message>
        <source>NAB 1942 and 1949</source>
        <translation>NAB 1942 und 1949</translation>
    </message>
    <message>
        <source>RIAA</source>
        <translation>RIAA</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Leicht</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>Normal</translation>
    </message>
    <message>
        <source>Heavy</source>
        <translation>Stark</translation>
    </message>
</context>
<context>
    <name>engine</name>
    <message>
        <source>the engine is not running; start it again</source>
        <translation>Die Engine läuft nicht; bitte neu starten</translation>
    </message>
    <message>
        <source>the engine did not answer within {s} s; stop it and start it again</source>
        <translation>Die Engine hat {s} s lang nicht geantwortet; bitte beenden und neu starten</translation>
    </message>
    <message>
        <source>the engine stopped unexpectedly (exit code {code}); what was recorded so far is on disk, start it again</source>
        <translation>Die Engine ist unerwartet stehengeblieben (Rückgabewert {code}); was bisher aufgenommen wurde, ist gesichert, bitte neu starten</translation>
    </message>
    <message>
        <source>the engine stopped unexpectedly; {said}; start it again</source>
        <translation>Die Engine ist unerwartet stehengeblieben; {said}; bitte neu starten</translation>
    </message>
    <message>
        <source>the engine could not start: {error}</source>
        <translation>Die Engine konnte nicht starten: {error}</translation>
    </message>
    <message>
        <source>the restoration failed: {reason}</source>
        <translation>Die Restaurierung ist fehlgeschlagen: {reason}</translation>
    </message>
    <message>
        <source>the computer refuses: {reason}</source>
        <translation>Der Rechner verweigert: {reason}</translation>
    </message>
    <message>
        <source>{name} has been played to its end</source>
        <translation>{name} ist zu Ende gespielt</translation>
    </message>
    <message>
        <source>the computer is too busy to restore: the untouched sound goes out until it keeps up</source>
        <translation>Der Rechner kommt mit der Restaurierung nicht nach: bis er es wieder schafft, ist der unbearbeitete Ton zu hören</translation>
    </message>
    <message>
        <source>the computer is too busy to restore in full: it goes on without the {names}</source>
        <translation>Der Rechner schafft nicht die ganze Restaurierung: es geht ohne {names} weiter</translation>
    </message>
    <message>
        <source>the restoration keeps up again after {s} s</source>
        <translation>Die Restaurierung kommt nach {s} s wieder mit</translation>
    </message>
    <message>
        <source>the {name} works again</source>
        <translation>{name}: arbeitet wieder</translation>
    </message>
    <message>
        <source>denoiser</source>
        <translation>Rauschminderung</translation>
    </message>
    <message>
        <source>trained detector</source>
        <translation>trainierten Detektor</translation>
    </message>
    <message>
        <source>this is a lateral record: use both walls</source>
        <translation>Das ist eine Platte in Seitenschrift: beide Flanken verwenden</translation>
    </message>
    <message>
        <source>the walls are in opposite phase, as on a vertical record or from a wall that is wired the other way: use both walls turned to each other</source>
        <translation>Die Flanken sind gegenphasig, wie bei Tiefenschrift oder einem verpolten Kanal: beide Flanken gegeneinander gedreht verwenden</translation>
    </message>
    <message>
        <source>{words}: use the left one alone</source>
        <translation>{words}: nur die linke verwenden</translation>
    </message>
    <message>
        <source>{words}: use the right one alone</source>
        <translation>{words}: nur die rechte verwenden</translation>
    </message>
    <message>
        <source>the left wall carries no music ({db} dB below the other)</source>
        <translation>Die linke Flanke trägt keine Musik ({db} dB unter der anderen)</translation>
    </message>
    <message>
        <source>the right wall carries no music ({db} dB below the other)</source>
        <translation>Die rechte Flanke trägt keine Musik ({db} dB unter der anderen)</translation>
    </message>
    <message>
        <source>both walls are the same</source>
        <translation>Beide Flanken sind gleich</translation>
    </message>
    <message>
        <source>the walls differ, likeness {alike}</source>
        <translation>Die Flanken unterscheiden sich, Ähnlichkeit {alike}</translation>
    </message>
    <message>
        <source>one groove on both walls, likeness {alike}</source>
        <translation>Eine Rille auf beiden Flanken, Ähnlichkeit {alike}</translation>
    </message>
    <message>
        <source>the walls are in opposite phase, likeness {alike}: cut vertically, or a wall wired the other way</source>
        <translation>Die Flanken sind gegenphasig, Ähnlichkeit {alike}: Tiefenschrift, oder ein Kanal ist verpolt</translation>
    </message>
    <message>
        <source>{kind} {name} has ended: device unplugged or sound server stopped; {left}</source>
        <translation>{kind} {name} ist ausgefallen: Gerät abgezogen oder Soundserver beendet; {left}</translation>
    </message>
    <message>
        <source>silence is recorded until it is back</source>
        <translation>bis zur Rückkehr wird Stille aufgezeichnet</translation>
    </message>
    <message>
        <source>it is opened again when it is back, a recording goes on</source>
        <translation>bei der Rückkehr wird wieder geöffnet, eine Aufnahme läuft weiter</translation>
    </message>
    <message>
        <source>{kind} {name} has not moved for {s} s: the sound server hangs</source>
        <translation>{kind} {name} steht seit {s} s: der Soundserver hängt</translation>
    </message>
    <message>
        <source>the sound system hangs; if it does not wake up, stop and start again</source>
        <translation>Das Soundsystem hängt; wacht es nicht auf, bitte beenden und neu starten</translation>
    </message>
    <message>
        <source>input {name} was removed, and the sound server gives us {other} instead: silence is recorded until it is back</source>
        <translation>Der Eingang {name} wurde entfernt, der Soundserver liefert stattdessen {other}: bis zur Rückkehr wird Stille aufgezeichnet</translation>
    </message>
    <message>
        <source>output {name} was removed, and the sound server would play on {other} instead: silent until it is back; a recording goes on</source>
        <translation>Der Ausgang {name} wurde entfernt, der Soundserver würde auf {other} spielen: stumm bis zur Rückkehr; eine Aufnahme läuft weiter</translation>
    </message>
    <message>
        <source>{kind} {name} is back after {s} s</source>
        <translation>{kind} {name} ist nach {s} s wieder da</translation>
    </message>
    <message>
        <source>{kind} {name} is back after {s} s; a recording keeps its time, the gap is silence</source>
        <translation>{kind} {name} ist nach {s} s wieder da; eine Aufnahme behält ihre Zeit, die Lücke ist Stille</translation>
    </message>
    <message>
        <source>input</source>
        <translation>Eingang</translation>
    </message>
    <message>
        <source>output</source>
        <translation>Ausgang</translation>
    </message>
    <message>
        <source>stereo</source>
        <translation>stereo</translation>
    </message>
    <message>
        <source>mono</source>
        <translation>mono</translation>
    </message>
    <message>
        <source>PortAudio is missing; install it with 'sudo apt-get install libportaudio2' (Debian, Ubuntu) or 'brew install portaudio' (macOS)</source>
        <translation>PortAudio fehlt; installieren mit „sudo apt-get install libportaudio2“ (Debian, Ubuntu) oder „brew install portaudio“ (macOS)</translation>
    </message>
    <message>
        <source>the sound system does not answer; restart it (pulseaudio -k, or replug the device)</source>
        <translation>Das Soundsystem antwortet nicht; bitte neu starten (pulseaudio -k, oder das Gerät neu einstecken)</translation>
    </message>
    <message>
        <source>the sound devices could not be listed: {detail}</source>
        <translation>Die Geräte ließen sich nicht auflisten: {detail}</translation>
    </message>
    <message>
        <source>{kind} {name} could be any of {names}; give the full name</source>
        <translation>{kind} {name} kann jedes von {names} sein; bitte den vollen Namen angeben</translation>
    </message>
    <message>
        <source>there is no default {kind} device; name one of {names}</source>
        <translation>Kein {kind} ist Standard; bitte einen wählen: {names}</translation>
    </message>
    <message>
        <source>there is no sound {kind} device; connect one, or check the driver</source>
        <translation>Kein {kind} vorhanden; bitte ein Gerät anschließen oder den Treiber prüfen</translation>
    </message>
    <message>
        <source>no {kind} device {name}: there is no sound {kind} device at all; connect one</source>
        <translation>{kind} {name} gibt es nicht, auch kein anderes Gerät dieser Art; bitte eines anschließen</translation>
    </message>
    <message>
        <source>no {kind} device {name}; near names: {names}</source>
        <translation>{kind} {name} gibt es nicht; ähnliche Namen: {names}</translation>
    </message>
    <message>
        <source>no {kind} device {name}; there are: {names}</source>
        <translation>{kind} {name} gibt es nicht; vorhanden: {names}</translation>
    </message>
    <message>
        <source>{name} cannot be heard now; it may be in use</source>
        <translation>{name} ist gerade nicht zu hören; vielleicht ist das Gerät belegt</translation>
    </message>
    <message>
        <source>the input has one channel: restoring and recording in mono</source>
        <translation>Der Eingang hat einen Kanal: Restaurierung und Aufnahme in Mono</translation>
    </message>
    <message>
        <source>input {name} has {n} channels and no channel {channel}; choose another pair</source>
        <translation>Der Eingang {name} hat {n} Kanäle und keinen Kanal {channel}; bitte ein anderes Paar wählen</translation>
    </message>
    <message>
        <source>{error}; going on without sound</source>
        <translation>{error}; weiter ohne Ton</translation>
    </message>
    <message>
        <source>{name} insists on {rate} Hz: the file is resampled</source>
        <translation>{name} besteht auf {rate} Hz: die Datei wird umgerechnet</translation>
    </message>
    <message>
        <source>{kind} {name} refuses {rate} Hz; its own rate is {own} Hz</source>
        <translation>{kind} {name} verweigert {rate} Hz; die eigene Rate ist {own} Hz</translation>
    </message>
    <message>
        <source>{kind} {name} refuses this number of channels; try the other of 1 and 2</source>
        <translation>{kind} {name} verweigert diese Kanalzahl; bitte die andere von 1 und 2 versuchen</translation>
    </message>
    <message>
        <source>{kind} {name} is in use by another program, or unplugged</source>
        <translation>{kind} {name} ist von einem anderen Programm belegt oder abgezogen</translation>
    </message>
    <message>
        <source>{kind} {name} could not be opened ({error}); check that it is connected and the sound server runs</source>
        <translation>{kind} {name} ließ sich nicht öffnen ({error}); bitte Anschluss und Soundserver prüfen</translation>
    </message>
    <message>
        <source>a turntable can neither be paused nor sought; play a file</source>
        <translation>Ein Plattenspieler lässt sich weder anhalten noch spulen; bitte eine Datei spielen</translation>
    </message>
    <message>
        <source>the file is being recorded; end the recording first</source>
        <translation>Die Datei wird gerade aufgenommen; bitte zuerst die Aufnahme beenden</translation>
    </message>
    <message>
        <source>walls made one sound, best wall and wall offset change the delay, so the sound must be opened anew</source>
        <translation>Gemeinsame Flanken, beste Flanke und Flankenversatz ändern die Laufzeit, der Ton muss neu geöffnet werden</translation>
    </message>
    <message>
        <source>groove {groove} needs both walls of the groove, and this sound is mono; transfer in stereo, or set groove to stereo, wall_offset_us and wall_balance_db to 0</source>
        <translation>Die Rille {groove} braucht beide Flanken, dieser Ton ist aber mono; bitte in Stereo übertragen, oder Rille auf Stereo und Versatz und Pegel der Flanken auf 0 stellen</translation>
    </message>
    <message>
        <source>best wall and wall offset change the delay: end the recording first</source>
        <translation>Beste Flanke und Flankenversatz ändern die Laufzeit: bitte zuerst die Aufnahme beenden</translation>
    </message>
    <message>
        <source>the recording has stopped: {error}</source>
        <translation>Die Aufnahme ist stehengeblieben: {error}</translation>
    </message>
    <message>
        <source>the input delivers finer steps than 24 bits, because something on its way resamples it or sets its level; the raw file is rounded to 24 bits, WAV in 32-bit float keeps every bit</source>
        <translation>Der Eingang liefert feinere Stufen als 24 Bit, weil unterwegs umgerechnet oder ausgesteuert wird; die Rohdatei wird auf 24 Bit gerundet, WAV mit 32 Bit Fließkomma behält jedes Bit</translation>
    </message>
    <message>
        <source>a recording is running already; stop it first</source>
        <translation>Es läuft schon eine Aufnahme; bitte zuerst beenden</translation>
    </message>
    <message>
        <source>{error}; until then date and time are the name</source>
        <translation>{error}; bis dahin bilden Datum und Uhrzeit den Namen</translation>
    </message>
    <message>
        <source>{n} recordings in {folder} were cut off by a crash: 'shellac recover {path}' finishes them</source>
        <translation>{n} Aufnahmen in {folder} wurden durch einen Absturz abgebrochen: „shellac recover {path}“ schließt sie ab</translation>
    </message>
    <message>
        <source>the recording goes on until it is stopped</source>
        <translation>Die Aufnahme läuft weiter, bis sie beendet wird</translation>
    </message>
    <message>
        <source>the needle is in the run-out groove: the recording ends, as chosen</source>
        <translation>Die Nadel ist in der Auslaufrille: die Aufnahme endet, wie gewählt</translation>
    </message>
    <message>
        <source>waiting for the needle; recording begins with its drop</source>
        <translation>Warten auf die Nadel; die Aufnahme beginnt mit dem Aufsetzen</translation>
    </message>
    <message>
        <source>waiting for the needle; recording begins with its next drop</source>
        <translation>Warten auf die Nadel; die Aufnahme beginnt mit dem nächsten Aufsetzen</translation>
    </message>
    <message>
        <source>nothing is being recorded; a marker needs a recording</source>
        <translation>Es läuft keine Aufnahme; eine Marke braucht eine Aufnahme</translation>
    </message>
    <message>
        <source>nothing is being recorded</source>
        <translation>Es läuft keine Aufnahme</translation>
    </message>
    <message>
        <source>marker {n} at {time}</source>
        <translation>Marke {n} bei {time}</translation>
    </message>
    <message>
        <source>the recording has stopped: the disk of {folder} is full; both files are whole, free some room or record elsewhere</source>
        <translation>Die Aufnahme ist stehengeblieben: der Datenträger von {folder} ist voll; beide Dateien sind heil, bitte Platz schaffen oder anderswohin aufnehmen</translation>
    </message>
    <message>
        <source>the recording folder {folder} is a file; name a folder</source>
        <translation>Der Aufnahmeordner {folder} ist eine Datei; bitte einen Ordner angeben</translation>
    </message>
    <message>
        <source>the recording folder {folder} does not exist; create it first</source>
        <translation>Der Aufnahmeordner {folder} existiert nicht; bitte zuerst anlegen</translation>
    </message>
    <message>
        <source>the disk of {folder} has room for {left} more</source>
        <translation>Auf dem Datenträger von {folder} ist noch Platz für {left}</translation>
    </message>
    <message>
        <source>about a minute</source>
        <translation>etwa eine Minute</translation>
    </message>
    <message>
        <source>about {n} minutes</source>
        <translation>etwa {n} Minuten</translation>
    </message>
    <message>
        <source>about {n} seconds</source>
        <translation>etwa {n} Sekunden</translation>
    </message>
    <message>
        <source>cannot record: {reason}</source>
        <translation>Aufnahme nicht möglich: {reason}</translation>
    </message>
    <message>
        <source>cannot record into {folder}: {reason}</source>
        <translation>Aufnahme nach {folder} nicht möglich: {reason}</translation>
    </message>
    <message>
        <source>{path}: it cannot be written to</source>
        <translation>{path}: lässt sich nicht beschreiben</translation>
    </message>
    <message>
        <source>{path}: the disk does not answer; what it has is kept</source>
        <translation>{path}: der Datenträger antwortet nicht; was schon da ist, bleibt</translation>
    </message>
    <message>
        <source>the recording has no sidecar: {error}</source>
        <translation>Die Aufnahme hat keine Begleitdatei: {error}</translation>
    </message>
    <message>
        <source>the recording has no tags: {error}</source>
        <translation>Die Aufnahme hat keine Tags: {error}</translation>
    </message>
    <message>
        <source>the file was removed while it was recorded</source>
        <translation>Die Datei wurde während der Aufnahme entfernt</translation>
    </message>
    <message>
        <source>the name template {template} gives no name for this record; add {date}_{time}</source>
        <translation>Die Namensvorlage {template} ergibt für diese Platte keinen Namen; bitte {date}_{time} anfügen</translation>
    </message>
    <message>
        <source>the name template {template} is broken: {error}</source>
        <translation>Die Namensvorlage {template} ist fehlerhaft: {error}</translation>
    </message>
    <message>
        <source>the name template knows no {field}; choose from {names}</source>
        <translation>Die Namensvorlage kennt kein {field}; zur Wahl stehen {names}</translation>
    </message>
    <message>
        <source>the sound is still starting; press again once it flows</source>
        <translation>Der Ton startet noch; bitte noch einmal drücken, sobald er läuft</translation>
    </message>
    <message>
        <source>there is no sound to record yet; choose devices first</source>
        <translation>Es gibt noch keinen Ton; bitte zuerst Geräte wählen</translation>
    </message>
    <message>
        <source>the interface {words}, first at {time}; look at cable, hub and buffer</source>
        <translation>Das Interface hat {words}, zuerst bei {time}; bitte Kabel, Hub und Puffer prüfen</translation>
    </message>
    <message>
        <source>{error}; what is open stays as it is</source>
        <translation>{error}; was offen ist, bleibt wie es ist</translation>
    </message>
    <message>
        <source>{error}; until then this is the demo record</source>
        <translation>{error}; bis dahin spielt die Demoplatte</translation>
    </message>
    <message>
        <source>No sound input was found, so this is the demo record; connect one and choose devices</source>
        <translation>Es wurde kein Eingang gefunden, deshalb spielt die Demoplatte; bitte einen anschließen und Geräte wählen</translation>
    </message>
    <message>
        <source>The default is open instead</source>
        <translation>Stattdessen ist das Standardgerät offen</translation>
    </message>
    <message>
        <source>The shipped networks are used instead</source>
        <translation>Stattdessen arbeiten die mitgelieferten Netze</translation>
    </message>
    <message>
        <source>input file {name} does not exist; check the path</source>
        <translation>Die Eingabedatei {name} existiert nicht; bitte den Pfad prüfen</translation>
    </message>
    <message>
        <source>{path} does not exist; check the path</source>
        <translation>{path} existiert nicht; bitte den Pfad prüfen</translation>
    </message>
    <message>
        <source>{path} cannot be read: {reason}</source>
        <translation>{path} ist nicht lesbar: {reason}</translation>
    </message>
    <message>
        <source>{path} cannot be written: {reason}</source>
        <translation>{path} ist nicht beschreibbar: {reason}</translation>
    </message>
    <message>
        <source>{path} is a folder; name the files in it</source>
        <translation>{path} ist ein Ordner; bitte die Dateien darin angeben</translation>
    </message>
    <message>
        <source>{path} is not a file; name a sound file</source>
        <translation>{path} ist keine Datei; bitte eine Tondatei angeben</translation>
    </message>
    <message>
        <source>{path} has a name that is not UTF-8; rename it</source>
        <translation>Der Name von {path} ist kein UTF-8; bitte umbenennen</translation>
    </message>
    <message>
        <source>{path} cannot be read as sound: {reason}; is it WAV, AIFF, FLAC, OGG or MP3?</source>
        <translation>{path} ist nicht als Ton lesbar: {reason}; ist es WAV, AIFF, FLAC, OGG oder MP3?</translation>
    </message>
    <message>
        <source>{path} holds no samples</source>
        <translation>{path} enthält keine Samples</translation>
    </message>
    <message>
        <source>{path} has {n} channels; a record has 1 or 2, mix it down first</source>
        <translation>{path} hat {n} Kanäle; eine Platte hat 1 oder 2, bitte vorher abmischen</translation>
    </message>
    <message>
        <source>{path} has a sample rate of {rate} Hz; it must be {low} to {high} Hz</source>
        <translation>{path} hat eine Abtastrate von {rate} Hz; möglich sind {low} bis {high} Hz</translation>
    </message>
    <message>
        <source>{path} is damaged: it ends at {end} s, {missing} s of what it says to hold are missing; get it again</source>
        <translation>{path} ist beschädigt: sie endet bei {end} s, {missing} s fehlen; bitte neu besorgen</translation>
    </message>
    <message>
        <source>{path} is put together from parts of different rate or channels, of which one alone would be heard; split it, or convert it to WAV first</source>
        <translation>{path} ist aus Teilen verschiedener Rate oder Kanalzahl zusammengesetzt, nur einer wäre zu hören; bitte teilen oder vorher in WAV wandeln</translation>
    </message>
    <message>
        <source>{path} is no picture, whatever its name says</source>
        <translation>{path} ist kein Bild, was der Name auch sagt</translation>
    </message>
    <message>
        <source>{path} is larger than {n} MiB; make it smaller</source>
        <translation>{path} ist größer als {n} MiB; bitte verkleinern</translation>
    </message>
    <message>
        <source>{path} is not there: no repairs are known of this side; restore it anew</source>
        <translation>{path} fehlt: von dieser Seite sind keine Reparaturen bekannt; bitte neu restaurieren</translation>
    </message>
    <message>
        <source>{path} is no list of repairs; restore the side again</source>
        <translation>{path} ist keine Liste von Reparaturen; bitte die Seite neu restaurieren</translation>
    </message>
    <message>
        <source>{path} has no sidecar ({name}); name a recorded or a restored file</source>
        <translation>{path} hat keine Begleitdatei ({name}); bitte eine aufgenommene oder restaurierte Datei angeben</translation>
    </message>
    <message>
        <source>{path} is missing; a side needs both of its files</source>
        <translation>{path} fehlt; eine Seite braucht ihre beiden Dateien</translation>
    </message>
    <message>
        <source>{path} does not say how the side was made ({error}); restore it anew</source>
        <translation>{path} sagt nicht, wie die Seite entstand ({error}); bitte neu restaurieren</translation>
    </message>
    <message>
        <source>{name} was played differently while it was recorded; restore it anew as it is to be played, and revert there</source>
        <translation>{name} wurde während der Aufnahme verschieden gespielt; bitte so neu restaurieren, wie sie klingen soll, und dort zurücknehmen</translation>
    </message>
    <message>
        <source>{name} was made with {detector} and {denoiser}, now there are {other} and {another}; name the others with --model, or restore it anew</source>
        <translation>{name} entstand mit {detector} und {denoiser}, jetzt sind es {other} und {another}; bitte die anderen laden oder neu restaurieren</translation>
    </message>
    <message>
        <source>{path} exists already; choose another name, or --overwrite it</source>
        <translation>{path} existiert schon; bitte einen anderen Namen wählen</translation>
    </message>
    <message>
        <source>there is no model file {name}; give a .onnx or .pth file</source>
        <translation>Die Netzdatei {name} gibt es nicht; bitte eine .onnx- oder .pth-Datei angeben</translation>
    </message>
    <message>
        <source>{name} is no model; give a .onnx or .pth file, or 'none'</source>
        <translation>{name} ist kein Netz; bitte eine .onnx- oder .pth-Datei angeben</translation>
    </message>
    <message>
        <source>{path} cannot be exported: {reason}</source>
        <translation>{path} lässt sich nicht exportieren: {reason}</translation>
    </message>
    <message>
        <source>cannot read the model {path}: {reason}</source>
        <translation>Das Netz {path} ist nicht lesbar: {reason}</translation>
    </message>
    <message>
        <source>{path} is not a Shellac model: {error}</source>
        <translation>{path} ist kein Netz für Shellac: {error}</translation>
    </message>
    <message>
        <source>{path} is not a model that can be run: {reason}</source>
        <translation>{path} ist kein lauffähiges Netz: {reason}</translation>
    </message>
    <message>
        <source>{name} is not a model that is safe to load: {reason}</source>
        <translation>{name} ist kein Netz, das sich gefahrlos laden lässt: {reason}</translation>
    </message>
    <message>
        <source>{name} is damaged or not an ONNX model</source>
        <translation>{name} ist beschädigt oder kein ONNX-Netz</translation>
    </message>
    <message>
        <source>{name} is a second {kind}; name one of each kind</source>
        <translation>{name} ist ein zweites Netz der Art {kind}; bitte von jeder Art eines angeben</translation>
    </message>
    <message>
        <source>{path}, line {line}: {missing} must follow here; a preset lists every setting</source>
        <translation>{path}, Zeile {line}: hier muss {missing} folgen; ein Preset nennt jede Einstellung</translation>
    </message>
    <message>
        <source>cannot write the preset {path}: {reason}</source>
        <translation>Das Preset {path} lässt sich nicht schreiben: {reason}</translation>
    </message>
    <message>
        <source>{path}, line {line}: {what}</source>
        <translation>{path}, Zeile {line}: {what}</translation>
    </message>
    <message>
        <source>{path} is not a text file; plain YAML is expected</source>
        <translation>{path} ist keine Textdatei; erwartet wird einfaches YAML</translation>
    </message>
    <message>
        <source>{path} is not a file; give a YAML file</source>
        <translation>{path} ist keine Datei; bitte eine YAML-Datei angeben</translation>
    </message>
    <message>
        <source>cannot read {path}: {reason}</source>
        <translation>{path} ist nicht lesbar: {reason}</translation>
    </message>
    <message>
        <source>cannot write the record {path}: {reason}</source>
        <translation>Die Platte {path} lässt sich nicht schreiben: {reason}</translation>
    </message>
    <message>
        <source>{name} came with the program; save it as your own</source>
        <translation>{name} gehört zum Programm; bitte als eigenes Preset sichern</translation>
    </message>
    <message>
        <source>{name} came with the program; take another name</source>
        <translation>{name} gehört zum Programm; bitte einen anderen Namen wählen</translation>
    </message>
    <message>
        <source>a preset needs a name</source>
        <translation>Ein Preset braucht einen Namen</translation>
    </message>
    <message>
        <source>cannot write into {folder}: {reason}</source>
        <translation>In {folder} lässt sich nicht schreiben: {reason}</translation>
    </message>
    <message>
        <source>bass_shelf_hz is {hz}; it must lie below turnover_hz ({turnover})</source>
        <translation>Die Bassgrenze ist {hz} Hz; sie muss unter der Übernahmefrequenz ({turnover} Hz) liegen</translation>
    </message>
    <message>
        <source>{name} is {value}; it must lie in {low}..{high}</source>
        <translation>{name} ist {value}; erlaubt ist {low}..{high}</translation>
    </message>
    <message>
        <source>RIAA undone</source>
        <translation>RIAA rückgängig</translation>
    </message>
    <message>
        <source>lateral</source>
        <translation>Seitenschrift</translation>
    </message>
    <message>
        <source>vertical</source>
        <translation>Tiefenschrift</translation>
    </message>
    <message>
        <source>rumble filter {hz} Hz</source>
        <translation>Rumpelfilter {hz} Hz</translation>
    </message>
    <message>
        <source>hum filter {hz}</source>
        <translation>Brummfilter {hz}</translation>
    </message>
    <message>
        <source>curve {name}</source>
        <translation>Kennlinie {name}</translation>
    </message>
    <message>
        <source>speed {rpm} rpm</source>
        <translation>Drehzahl {rpm} U/min</translation>
    </message>
    <message>
        <source>{n} of {all} repairs are taken back</source>
        <translation>{n} von {all} Reparaturen sind zurückgenommen</translation>
    </message>
    <message>
        <source>repeated samples {n} times</source>
        <translation>{n}-mal Samples wiederholt</translation>
    </message>
    <message>
        <source>stood still {n} times</source>
        <translation>{n}-mal stillgestanden</translation>
    </message>
    <message>
        <source>lost samples {n} times</source>
        <translation>{n}-mal Samples verloren</translation>
    </message>
    <message>
        <source>the walls are no longer as they came; set the groove to stereo, offset and balance to 0, and measure again</source>
        <translation>Die Flanken sind nicht mehr, wie sie kamen; bitte Rille auf Stereo, Versatz und Pegel auf 0 stellen und noch einmal messen</translation>
    </message>
    <message>
        <source>too little has been heard in stereo; let the record play on</source>
        <translation>Es war noch zu wenig in Stereo zu hören; bitte weiterspielen lassen</translation>
    </message>
    <message>
        <source>the walls cannot be measured: {error}</source>
        <translation>Die Flanken lassen sich nicht messen: {error}</translation>
    </message>
    <message>
        <source>the walls have too little in common; set them by hand</source>
        <translation>Die Flanken haben zu wenig gemeinsam; bitte von Hand einstellen</translation>
    </message>
    <message>
        <source>the walls cannot be corrected: {error}</source>
        <translation>Die Flanken lassen sich nicht ausgleichen: {error}</translation>
    </message>
    <message>
        <source>{path}: the walls have too little in common to be aligned (correlation {r}); set --wall-offset and --wall-balance by hand</source>
        <translation>{path}: die Flanken haben zu wenig gemeinsam (Korrelation {r}); bitte von Hand einstellen</translation>
    </message>
    <message>
        <source>{path} is mono; its walls cannot be compared</source>
        <translation>{path} ist mono; Flanken lassen sich nicht vergleichen</translation>
    </message>
    <message>
        <source>{path} is too short to compare its walls</source>
        <translation>{path} ist zu kurz, um die Flanken zu vergleichen</translation>
    </message>
    <message>
        <source>versions</source>
        <translation>Versionen</translation>
    </message>
    <message>
        <source>device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>devices</source>
        <translation>Geräte</translation>
    </message>
    <message>
        <source>disk</source>
        <translation>Platte</translation>
    </message>
    <message>
        <source>preset</source>
        <translation>Preset</translation>
    </message>
    <message>
        <source>presets</source>
        <translation>Presets</translation>
    </message>
    <message>
        <source>network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>networks</source>
        <translation>Netze</translation>
    </message>
    <message>
        <source>log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>last error</source>
        <translation>letzter Fehler</translation>
    </message>
    <message>
        <source>engine</source>
        <translation>Engine</translation>
    </message>
    <message>
        <source>latency</source>
        <translation>Verzögerung</translation>
    </message>
    <message>
        <source>load</source>
        <translation>Auslastung</translation>
    </message>
    <message>
        <source>priority</source>
        <translation>Vorrang</translation>
    </message>
    <message>
        <source>system</source>
        <translation>System</translation>
    </message>
    <message>
        <source>{versions}; missing: {names}</source>
        <translation>{versions}; es fehlt: {names}</translation>
    </message>
    <message>
        <source>{version}; no host API</source>
        <translation>{version}; kein Soundsystem</translation>
    </message>
    <message>
        <source>{n} devices</source>
        <translation>{n} Geräte</translation>
    </message>
    <message>
        <source>{name}: {inputs} in, {outputs} out, {rate} Hz</source>
        <translation>{name}: {inputs} Eingänge, {outputs} Ausgänge, {rate} Hz</translation>
    </message>
    <message>
        <source>{name}: {inputs} in, {outputs} out, {rate} Hz, default {default}</source>
        <translation>{name}: {inputs} Eingänge, {outputs} Ausgänge, {rate} Hz, Standard ({default})</translation>
    </message>
    <message>
        <source>there is no sound {kind} device</source>
        <translation>{kind}: kein Audiogerät vorhanden</translation>
    </message>
    <message>
        <source>{gb} GB free in {where}, {folder}: {minutes} min of recording in WAV at 44.1 kHz</source>
        <translation>{gb} GB frei im Ordner {folder} ({where}): {minutes} min Aufnahme in WAV bei 44,1 kHz</translation>
    </message>
    <message>
        <source>this folder</source>
        <translation>dieser Ordner</translation>
    </message>
    <message>
        <source>temporary</source>
        <translation>Zwischendateien</translation>
    </message>
    <message>
        <source>{name} cannot be read</source>
        <translation>{name} ist nicht lesbar</translation>
    </message>
    <message>
        <source>{name} is missing</source>
        <translation>{name} fehlt</translation>
    </message>
    <message>
        <source>{name} is not what was shipped: {digest}</source>
        <translation>{name} ist nicht, was ausgeliefert wurde: {digest}</translation>
    </message>
    <message>
        <source>none is kept (--log none, or SHELLAC_LOG)</source>
        <translation>es wird keines geführt (--log none oder SHELLAC_LOG)</translation>
    </message>
    <message>
        <source>{path}, {size} kB; older parts beside it</source>
        <translation>{path}, {size} kB; ältere Teile daneben</translation>
    </message>
    <message>
        <source>PortAudio is missing</source>
        <translation>PortAudio fehlt</translation>
    </message>
    <message>
        <source>the sound system does not answer</source>
        <translation>das Soundsystem antwortet nicht</translation>
    </message>
    <message>
        <source>the sound devices could not be listed</source>
        <translation>die Audiogeräte ließen sich nicht auflisten</translation>
    </message>
    <message>
        <source>{ms} ms in the chain, proven by an impulse</source>
        <translation>{ms} ms in der Kette, mit einem Impuls geprüft</translation>
    </message>
    <message>
        <source>{ms} ms in the chain, the restored impulse is {n} samples late</source>
        <translation>{ms} ms in der Kette, der restaurierte Impuls kommt {n} Samples zu spät</translation>
    </message>
    <message>
        <source>{ms} ms in the chain, the impulse did not come through as it went in</source>
        <translation>{ms} ms in der Kette, der Impuls kam nicht so heraus, wie er hineinging</translation>
    </message>
    <message>
        <source>{s} s of the demo record; every sample recorded; detector {detector}, denoiser {denoiser}</source>
        <translation>{s} s der Demoplatte; jedes Sample aufgenommen; Detektor {detector}, Entrauscher {denoiser}</translation>
    </message>
    <message>
        <source>{s} s of the demo record; {faults}; detector {detector}, denoiser {denoiser}</source>
        <translation>{s} s der Demoplatte; {faults}; Detektor {detector}, Entrauscher {denoiser}</translation>
    </message>
    <message>
        <source>{n} samples lost or changed</source>
        <translation>{n} Samples verloren oder verändert</translation>
    </message>
    <message>
        <source>something restored is no number</source>
        <translation>etwas Restauriertes ist keine Zahl</translation>
    </message>
    <message>
        <source>{p50} (median), {p99} (99 of 100 hops), {n} xruns</source>
        <translation>{p50} (Median), {p99} (99 von 100 Schritten), {n} Aussetzer</translation>
    </message>
    <message>
        <source>real-time</source>
        <translation>Echtzeit</translation>
    </message>
    <message>
        <source>ordinary: a busy computer may interrupt sound</source>
        <translation>gewöhnlich: ein beschäftigter Rechner kann den Ton unterbrechen</translation>
    </message>
    <message>
        <source>run 'make install', or 'pip install --editable .' in the program's environment</source>
        <translation>'make install' ausführen oder 'pip install --editable .' in der Umgebung des Programms</translation>
    </message>
    <message>
        <source>install it with 'sudo apt-get install libportaudio2' (Debian, Ubuntu) or 'brew install portaudio' (macOS)</source>
        <translation>installieren mit 'sudo apt-get install libportaudio2' (Debian, Ubuntu) oder 'brew install portaudio' (macOS)</translation>
    </message>
    <message>
        <source>restart it (pulseaudio -k, or replug the device)</source>
        <translation>neu starten (pulseaudio -k, oder das Gerät neu anstecken)</translation>
    </message>
    <message>
        <source>install PortAudio anew; it was built without any sound system</source>
        <translation>PortAudio neu installieren; es wurde ohne jedes Soundsystem gebaut</translation>
    </message>
    <message>
        <source>see PortAudio</source>
        <translation>siehe PortAudio</translation>
    </message>
    <message>
        <source>connect {whose}, and check that the sound server runs; files can be restored without</source>
        <translation>{whose} anschließen und prüfen, ob der Soundserver läuft; Dateien lassen sich auch ohne restaurieren</translation>
    </message>
    <message>
        <source>the turntable's interface</source>
        <translation>das Interface des Plattenspielers</translation>
    </message>
    <message>
        <source>headphones</source>
        <translation>Kopfhörer</translation>
    </message>
    <message>
        <source>make room there before recording, or record into another folder</source>
        <translation>dort vor der Aufnahme Platz schaffen oder in einen anderen Ordner aufnehmen</translation>
    </message>
    <message>
        <source>restore presets/{name}.yaml, or fix it</source>
        <translation>presets/{name}.yaml wiederherstellen oder berichtigen</translation>
    </message>
    <message>
        <source>take the program's files anew; until then use '--model none'</source>
        <translation>die Dateien des Programms neu holen; bis dahin '--model none' verwenden</translation>
    </message>
    <message>
        <source>make its folder writable, or name another file with --log or SHELLAC_LOG</source>
        <translation>den Ordner beschreibbar machen oder mit --log oder SHELLAC_LOG eine andere Datei nennen</translation>
    </message>
    <message>
        <source>see above and the log; then report it</source>
        <translation>siehe oben und im Protokoll; dann melden</translation>
    </message>
    <message>
        <source>report it, with all that stands here and the log</source>
        <translation>melden, mit allem, was hier und im Protokoll steht</translation>
    </message>
    <message>
        <source>close other programs, use '--model none', or record now and restore the file later</source>
        <translation>andere Programme schließen, '--model none' verwenden, oder jetzt aufnehmen und die Datei später restaurieren</translation>
    </message>
    <message>
        <source>allow it, see 'ulimit -r' in docs/manual.md</source>
        <translation>erlauben, siehe 'ulimit -r' in docs/manual.md</translation>
    </message>
    <message>
        <source>make it usable again</source>
        <translation>wieder brauchbar machen</translation>
    </message>
    <message>
        <source>No space left on device</source>
        <translation>auf dem Gerät ist kein Platz mehr</translation>
    </message>
    <message>
        <source>Permission denied</source>
        <translation>keine Berechtigung</translation>
    </message>
    <message>
        <source>No such file or directory</source>
        <translation>Datei oder Ordner nicht gefunden</translation>
    </message>
    <message>
        <source>Read-only file system</source>
        <translation>das Dateisystem ist schreibgeschützt</translation>
    </message>
    <message>
        <source>Is a directory</source>
        <translation>ist ein Ordner</translation>
    </message>
    <message>
        <source>File exists</source>
        <translation>existiert schon</translation>
    </message>
    <message>
        <source>Input/output error</source>
        <translation>Ein-/Ausgabefehler</translation>
    </message>
</context>
</TS>
